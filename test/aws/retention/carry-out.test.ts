import { beforeEach, describe, expect, it, vi } from 'vitest';
import { carrier } from '../../../shared/aws/retention/carry-out.ts';
import { lookAgain } from '../../../shared/aws/retention/survey.ts';
import type { Action, Planned } from '../../../shared/domain/retention/planned.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { MINUTE, stopClock } from '../../support/clock.ts';
import { NOW } from '../../support/events.ts';
import { sleep } from '../../support/fake-sleep.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  world.has(20);
  sleep.mockClear();
});

const entry = (action: Action, overrides: Partial<Planned> = {}): Planned => ({
  action,
  wanted: action,
  imageId: old(20),
  imageName: `name-of-${old(20)}`,
  instanceName: 'service-api',
  snapshotIds: ['snap-00000020'],
  bytes: 0,
  ageDays: 20,
  for: [],
  against: [],
  ...overrides,
});
const orphan = entry('delete-snapshot', { snapshotId: 'snap-00000020' });
const carryOut = async (planned: Planned) => {
  const [image] = await lookAgain([planned.imageId], 'us-east-1');
  return carrier('us-east-1', true)(planned, image);
};

describe('each action', () => {
  it('keep touches nothing', async () => {
    expect(await carrier('us-east-1', true)(entry('keep'), undefined)).toEqual({});
    expect(world.calls.names).toEqual([]);
  });

  it('deprecate, from two minutes on: EC2 takes no past date', async () => {
    expect(await carryOut(entry('deprecate'))).toEqual({ outcome: 'done' });
    expect(world.home.image(old(20)).DeprecationTime).toBe(
      new Date(NOW.getTime() + 2 * MINUTE).toISOString(),
    );
  });

  it('disable, and say since when', async () => {
    expect(await carryOut(entry('disable'))).toEqual({ outcome: 'done' });
    expect(world.home.image(old(20)).State).toBe('disabled');
    expect(world.tagsOf(old(20))).toHaveProperty('amity:disabled-at', NOW.toISOString());
  });

  it('disable one that is disabled already only says so', async () => {
    world.home.disable({ ImageId: old(20) });
    await carryOut(entry('disable'));
    expect(world.calls.count('DisableImage')).toBe(0);
    expect(world.tagsOf(old(20))).toHaveProperty('amity:disabled-at');
  });

  it('delete, with its snapshots', async () => {
    expect(await carryOut(entry('delete'))).toEqual({
      outcome: 'done',
      deleted: ['snap-00000020'],
      failures: [],
    });
    expect(world.home).toMatchObject({ images: [], snapshots: [] });
  });

  it('delete-snapshot', async () => {
    expect(await carryOut(orphan)).toEqual({ outcome: 'done', deleted: ['snap-00000020'] });
  });
});

describe('what is gone already', () => {
  it.each<[Action, string]>([
    ['deprecate', 'InvalidAMIID.Unavailable'],
    ['disable', 'InvalidAMIID.NotFound'],
    ['disable', 'InvalidAMIID.Unavailable'],
  ])('%s, %s: success', async (action, name) => {
    const error = ec2Error(name);
    world.calls.faults = (call) =>
      call.startsWith('Describe') ? undefined : { when: 'before', how: 'throws', error };
    expect(await carryOut(entry(action))).toEqual({ outcome: 'gone' });
  });

  it('delete: its snapshots are deleted all the same, and then it counts as deleted', async () => {
    world.home.images = [];
    expect(await carryOut(entry('delete'))).toEqual({
      outcome: 'done',
      deleted: ['snap-00000020'],
      failures: [],
    });
    expect(await carryOut(entry('delete'))).toEqual({ outcome: 'gone' });
  });

  it('delete-snapshot: gone, or another image’s after all', async () => {
    world.home.snapshotErrors.set('snap-00000020', ['InvalidSnapshot.InUse', 'InvalidSnapshot.NotFound']);
    expect(await carryOut(orphan)).toEqual({ outcome: 'gone' });
    expect(await carryOut(orphan)).toEqual({ outcome: 'gone' });
    expect(world.calls.count('DeleteSnapshot')).toBe(2);
  });
});

describe('errors', () => {
  it.each<[Action, string]>([
    ['deprecate', 'RequestLimitExceeded'],
    ['disable', 'UnauthorizedOperation'],
    ['delete', 'RequestLimitExceeded'],
    ['delete', 'OperationNotPermitted'],
  ])('%s, %s: a failure of that image', async (action, name) => {
    const error = ec2Error(name, 'no');
    world.calls.faults = (call) =>
      call.startsWith('Describe') ? undefined : { when: 'before', how: 'throws', error };
    expect(await carryOut(entry(action))).toEqual({
      outcome: 'failed',
      failures: [{ code: name, message: 'no' }],
    });
  });

  it('a snapshot that cannot be deleted is named', async () => {
    world.home.snapshotErrors.set('snap-00000020', ['UnauthorizedOperation']);
    expect(await carryOut(orphan)).toMatchObject({
      outcome: 'failed',
      failures: [{ code: 'UnauthorizedOperation', message: expect.stringMatching(/^snap-00000020 stays: /) }],
    });
  });

  it('of a snapshot alone: the image is deleted, and the snapshot a failure', async () => {
    world.home.returnCodes.set('snap-00000020', 'internal-error');
    world.home.snapshotErrors.set('snap-00000020', ['UnauthorizedOperation']);
    expect(await carryOut(entry('delete'))).toMatchObject({
      outcome: 'done',
      deleted: [],
      failures: [{ code: 'UnauthorizedOperation' }],
    });
  });
});

describe('pace', () => {
  const waited = () => Math.round(sleep.mock.calls.reduce((sum, [ms]) => sum + ms, 0));
  const many = (carry: ReturnType<typeof carrier>, action: Action, count: number) =>
    Promise.all(Array.from({ length: count }, () => carry(entry(action), undefined)));

  it.each<[Action, number]>([
    ['delete', 95],
    ['deprecate', 45],
    ['disable', 45],
  ])('%s: %i at once, then no faster than five a second', async (action, burst) => {
    const carry = carrier('us-east-1', true);
    await many(carry, action, burst);
    expect(waited()).toBe(0);
    await many(carry, action, 1);
    expect(waited()).toBeGreaterThan(200);
  });

  it('a run that goes on where another function stopped has no burst left', async () => {
    await many(carrier('us-east-1', false), 'delete', 1);
    expect(waited()).toBeGreaterThan(200);
  });
});
