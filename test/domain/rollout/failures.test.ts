import { expect, it } from 'vitest';
import { FAILURE_CODES, FAILURE_MEANINGS } from '../../../shared/domain/failures.ts';
import { MOVE_FAILURE_MEANINGS, MOVE_FAILURES } from '../../../shared/domain/move/failures.ts';
import { ROLLOUT_FAILURE_MEANINGS, ROLLOUT_FAILURES } from '../../../shared/domain/rollout/failures.ts';

it.each([
  ['an image', FAILURE_CODES, FAILURE_MEANINGS],
  ['a rollout', ROLLOUT_FAILURES, ROLLOUT_FAILURE_MEANINGS],
  ['a move', MOVE_FAILURES, MOVE_FAILURE_MEANINGS],
])(
  'every code of %s can be carried once, and has its meaning for the documentation',
  (_, codes, meanings) => {
    expect([...codes]).toEqual(Object.keys(meanings));
    for (const meaning of Object.values<string>(meanings)) expect(meaning).toMatch(/^[A-Z].*\.$/s);
  },
);
