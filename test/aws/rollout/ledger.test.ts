import { beforeEach, describe, expect, it } from 'vitest';
import { entryOf, type Lease, remember, underLease } from '../../../shared/aws/rollout/ledger.ts';
import { Calls, once } from '../../support/calls.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { NOW } from '../../support/events.ts';
import { FakeTable } from '../../support/fake-table.ts';

stopClock();

let calls: Calls;
let table: FakeTable;
beforeEach(() => {
  calls = new Calls();
  table = new FakeTable(calls);
});
const under = <Result>(act: (lease: Lease) => Promise<Result>) =>
  underLease('rollouts', 'template#lt-1', act);
const item = () => table.item('rollouts', 'template#lt-1');
const floor = { imageId: 'ami-00000001', createdAt: '2025-05-01T12:00:00.000Z' };

describe('a lease', () => {
  it('gives what is known, keeps what is saved, and ends', async () => {
    expect(await under(async ({ entry }) => entry)).toEqual({ id: 'template#lt-1' });
    await under(({ save }) => save({ floor }));
    expect(await under(async ({ entry }) => entry)).toEqual({ id: 'template#lt-1', floor });
    expect(item()).toEqual({ id: 'template#lt-1', floor });
  });

  it('shows what it has saved itself, and adds to it', async () => {
    await under(async (lease) => {
      await lease.save({ floor });
      await lease.save({ told: 'this' });
      expect(lease.entry).toEqual({ id: 'template#lt-1', floor, told: 'this' });
    });
    expect(item()).toMatchObject({ floor, told: 'this' });
  });

  it('is one at a time: who comes second is to try again in 5 seconds', async () => {
    await under(async () => {
      await expect(under(async () => 'never')).rejects.toMatchObject({ name: 'TryAgainLater', seconds: 5 });
    });
    expect(await under(async () => 'now')).toBe('now');
  });

  it('of another thing is another one', async () => {
    await under(async () => {
      expect(await underLease('rollouts', 'template#lt-2', async () => 'now')).toBe('now');
    });
  });

  it('ends with an error too, which goes on, with what was saved before it', async () => {
    const failing = under(async ({ save }) => {
      await save({ floor });
      throw new RangeError('broken');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(item()).toEqual({ id: 'template#lt-1', floor });
  });

  it('is over a minute after it was taken, or saved last', async () => {
    await expect(
      under(async ({ save }) => {
        passes(MINUTE);
        await expect(under(async () => 'never')).rejects.toThrow('Somebody else is at work on template#lt-1');
        await save({ floor });
        passes(MINUTE);
        await expect(under(async () => 'never')).rejects.toThrow('Somebody else');
        passes(1);
        expect(await under(async ({ entry }) => entry.floor)).toEqual(floor);
      }),
    ).rejects.toMatchObject({ name: 'TryAgainLater' });
  });
});

describe('who was overtaken', () => {
  const overtaken = (then: (lease: Lease) => Promise<void>) =>
    under(async (lease) => {
      passes(MINUTE + 1);
      await under(({ save }) => save({ told: 'by the other' }));
      await then(lease);
    });

  it('saves nothing', async () => {
    await expect(overtaken(({ save }) => save({ told: 'late' }))).rejects.toMatchObject({ seconds: 5 });
    expect(item()).toEqual({ id: 'template#lt-1', told: 'by the other' });
  });

  it('does not end the other one’s, nor write what it knew, though it saves nothing', async () => {
    await expect(overtaken(async () => undefined)).rejects.toMatchObject({ name: 'TryAgainLater' });
    expect(item()).toEqual({ id: 'template#lt-1', told: 'by the other' });
  });
});

it('what DynamoDB does not do is thrown as it is', async () => {
  for (const name of ['Update', 'Put']) {
    calls.faults = once({ when: 'before', how: 'throws' }, { name });
    await expect(under(async () => 'done')).rejects.toThrow('socket hang up');
    table.items.clear();
  }
});

it('an item that is none of ours is seen, not guessed at', async () => {
  table.items.set('rollouts/template#lt-1', { id: 'template#lt-1', rollout: { version: 'two' } });
  await expect(under(async () => 'never')).rejects.toThrow();
  await expect(entryOf('rollouts', 'template#lt-1')).rejects.toThrow();
});

it('remembers for so many days', async () => {
  await remember('rollouts', { id: 'rollback#one', told: 'done' }, 120, NOW);
  expect(table.item('rollouts', 'rollback#one')).toEqual({
    id: 'rollback#one',
    told: 'done',
    expiresAt: Math.floor(NOW.getTime() / 1000) + 120 * 86_400,
  });
  expect(await entryOf('rollouts', 'rollback#one')).toEqual({ id: 'rollback#one', told: 'done' });
  expect(await entryOf('rollouts', 'rollback#two')).toBeUndefined();
});
