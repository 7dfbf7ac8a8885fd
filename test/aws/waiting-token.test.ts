import { beforeEach, expect, it } from 'vitest';
import { keepToken, waitingToken } from '../../shared/aws/waiting-token.ts';
import { NOW } from '../support/events.ts';
import { FakeTable } from '../support/fake-table.ts';

let table: FakeTable;
beforeEach(() => {
  table = new FakeTable();
});
const id = 'i-0b111de7000000001';

it('keeps a token under an id, for a day', async () => {
  await keepToken('waiting', id, 'token', NOW);
  expect(table.item('waiting', id)).toEqual({ id, taskToken: 'token', expiresAt: 1_749_211_231 });
  expect(await waitingToken('waiting', id)).toBe('token');
});

it('keeps the last one', async () => {
  await keepToken('waiting', id, 'first', NOW);
  await keepToken('waiting', id, 'second', NOW);
  expect(await waitingToken('waiting', id)).toBe('second');
});

it('knows none of another', async () => {
  await keepToken('waiting', id, 'token', NOW);
  expect(await waitingToken('waiting', 'i-0b111de7000000002')).toBeUndefined();
});
