import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { publish, tryPublish } from '../../shared/aws/bus.ts';
import { Calls, times } from '../support/calls.ts';
import { FakeBus } from '../support/fake-bus.ts';
import { sleep } from '../support/fake-sleep.ts';
import { fc } from '../support/property.ts';

vi.mock('../../shared/runtime/sleep.ts', () => import('../support/fake-sleep.ts'));

let calls: Calls;
let bus: FakeBus;
beforeEach(() => {
  calls = new Calls();
  bus = new FakeBus(calls);
  sleep.mockClear();
});

const entries = (count: number, size = 1) =>
  Array.from({ length: count }, (_, index) => ({
    Source: 'amity',
    DetailType: 'AmiRequested',
    Detail: JSON.stringify({ index, filling: 'x'.repeat(size) }),
  }));
const sizes = () => bus.mock.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries?.length);

describe('tryPublish', () => {
  it.each([
    [0, []],
    [1, [1]],
    [10, [10]],
    [11, [10, 1]],
    [25, [10, 10, 5]],
  ])('%i entries go in calls of %o', async (count, expected) => {
    expect(await tryPublish('amity', entries(count))).toEqual(new Map());
    expect(sizes()).toEqual(expected);
    expect(sleep).not.toHaveBeenCalled();
  });

  it('keeps what EventBridge counts together below 256 KB a call', async () => {
    await tryPublish('amity', entries(5, 100_000));
    expect(sizes()).toEqual([2, 2, 1]);
    expect(bus.entries).toHaveLength(5);
  });

  it('sends an entry alone that is too large by itself, for EventBridge to judge', async () => {
    await tryPublish('amity', [...entries(1, 300_000), ...entries(2)]);
    expect(sizes()).toEqual([1, 2]);
  });

  it('sends again what failed, waiting longer each time, and gives up after four rounds', async () => {
    bus.refuses = ({ Detail = '' }) => Detail.includes('"index":1,');
    const errors = await tryPublish('amity', entries(3));
    expect(errors).toEqual(new Map([[1, 'ThrottlingException: slow down']]));
    expect(sizes()).toEqual([3, 1, 1, 1]);
    const waits = sleep.mock.calls.map(([ms]) => ms);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  });

  it('tells which entries a broken call held', async () => {
    calls.faults = times(4, 'PutEvents', { when: 'before', how: 'throws' });
    expect([...(await tryPublish('amity', entries(2))).keys()]).toEqual([0, 1]);
  });

  it('takes an answer without entries for a failure', async () => {
    bus.mock.on(PutEventsCommand).resolves({});
    expect((await tryPublish('amity', entries(1))).size).toBe(1);
  });

  it('delivers everything exactly once when each entry passes at last', async () => {
    const refusals = fc.array(fc.nat(3), { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(refusals, async (left) => {
        bus = new FakeBus();
        const rounds = [...left];
        bus.refuses = ({ Detail = '{}' }) => {
          const { index } = JSON.parse(Detail) as { index: number };
          const refused = (rounds[index] ?? 0) > 0;
          rounds[index] = (rounds[index] ?? 0) - 1;
          return refused;
        };
        expect(await tryPublish('amity', entries(left.length))).toEqual(new Map());
        const delivered = bus.published.map(({ detail }) => Number(detail.index)).toSorted((a, b) => a - b);
        expect(delivered).toEqual(left.map((_, index) => index));
      }),
    );
  });
});

describe('publish', () => {
  it('throws with every error that is left, each once', async () => {
    bus.refuses = () => true;
    await expect(publish('amity', ...entries(3))).rejects.toThrow(
      '3 of 3 events refused: ThrottlingException: slow down',
    );
  });
});
