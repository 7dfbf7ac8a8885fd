import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { entriesOfImage, entriesOfRun, record } from '../../../shared/aws/retention/journal.ts';
import { Calls } from '../../support/calls.ts';
import { sleep } from '../../support/fake-sleep.ts';
import { FakeTable } from '../../support/fake-table.ts';
import { retired } from '../../support/retired.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));

let calls: Calls;
let table: FakeTable;
beforeEach(() => {
  calls = new Calls();
  table = new FakeTable(calls);
  sleep.mockClear();
});
const entries = (count: number) =>
  Array.from({ length: count }, (_, index) => retired({ id: `ami-${index}` }));

describe('record', () => {
  it.each([
    [0, 0],
    [1, 1],
    [25, 1],
    [26, 2],
    [60, 3],
  ])('%i entries in %i calls, 25 each at most', async (count, expected) => {
    await record('retired', entries(count));
    expect(table.found('retired', '')).toHaveLength(count);
    expect(calls.count('BatchWrite')).toBe(expected);
    expect(sleep).not.toHaveBeenCalled();
  });

  it('sends again what DynamoDB left, later each time', async () => {
    table.unprocessed = [25, 20, 3];
    await record('retired', entries(30));
    expect(table.found('retired', '')).toHaveLength(30);
    const waits = sleep.mock.calls.map(([ms]) => ms);
    expect(waits).toHaveLength(3);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  });

  it('gives up loudly: nothing may be done that is not written down', async () => {
    table.unprocessed = Array.from({ length: 100 }, () => 2);
    await expect(record('retired', entries(2))).rejects.toThrow(
      'DynamoDB left 2 entries of retired unwritten',
    );
    expect(calls.count('BatchWrite')).toBe(8);
  });

  it('lets errors escape', async () => {
    mockClient(DynamoDBDocumentClient).on(BatchWriteCommand).rejects(new Error('no such table'));
    await expect(record('retired', entries(1))).rejects.toThrow('no such table');
  });

  it('the same entry again takes the place of the first', async () => {
    await record('retired', [retired()]);
    await record('retired', [retired({ outcome: 'done' })]);
    expect(await entriesOfRun('retired', 'run')).toEqual([retired({ outcome: 'done' })]);
  });
});

describe('reading', () => {
  it('gives a run’s entries as they were written, without when they expire', async () => {
    const full = retired({
      outcome: 'failed',
      deleted: ['snap-1'],
      failures: [{ code: 'a', message: 'b' }],
      permissions: [{ UserId: '111122223333' }, { Group: 'all' }],
      snapshotTags: { 'snap-1': { Name: 'x' } },
    });
    await record('retired', [{ ...full, expiresAt: 1 }, retired({ runId: 'another' })]);
    expect(await entriesOfRun('retired', 'run')).toEqual([full]);
  });

  it('gives an image’s entries of all runs, oldest first', async () => {
    const at = (day: number) => `2025-06-0${day}T03:00:00.000Z`;
    await record('retired', [
      retired({ runId: 'c', at: at(3) }),
      retired({ runId: 'a', at: at(1) }),
      retired({ runId: 'b', at: at(2) }),
      retired({ runId: 'a', id: 'ami-other', imageId: 'ami-other' }),
    ]);
    expect((await entriesOfImage('retired', retired().imageId)).map(({ runId }) => runId)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('paginates', async () => {
    await record('retired', entries(5));
    table.pageSize = 2;
    expect(await entriesOfRun('retired', 'run')).toHaveLength(5);
    expect(calls.count('Query')).toBe(3);
  });

  it('what is no entry is an error', async () => {
    table.items.set('retired/run x', { runId: 'run', id: 'x', action: 'burn' });
    await expect(entriesOfRun('retired', 'run')).rejects.toThrow();
  });
});
