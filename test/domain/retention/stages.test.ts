import { expect, it } from 'vitest';
import { planRetention } from '../../../shared/domain/retention/plan.ts';
import { stageCases } from './cases/stages.ts';
import { expectedOf, outcomeOf } from './facts-of.ts';

it.each(stageCases)('$name', (row) => {
  expect(outcomeOf(row, planRetention)).toEqual(expectedOf(row));
});
