import { beforeEach, describe, expect, it } from 'vitest';
import { finish } from '../../../shared/aws/retention/finish.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { stopClock } from '../../support/clock.ts';
import { NOW } from '../../support/events.ts';
import { retired } from '../../support/retired.ts';

stopClock();
let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  world.has(1, 20);
});
const orphan = { id: 'snap-00000020', action: 'delete-snapshot' as const };

it('nothing was begun: nothing is asked', async () => {
  const done = [retired({ outcome: 'done' }), retired({ id: 'ami-2', outcome: 'failed' })];
  expect(await finish(done, 'retired')).toEqual(done);
  expect(world.calls.names).toEqual([]);
});

describe('a run that died between what it did and the journal', () => {
  it('deleted: told as deleted, with the snapshots that went too', async () => {
    world.home.deregister({ ImageId: old(20) });
    const begun = retired({ snapshotIds: ['snap-00000020', 'snap-b'] });
    const done = { ...begun, outcome: 'done', deleted: ['snap-b'] };
    expect(await finish([begun], 'retired')).toEqual([done]);
    expect(world.journal()).toEqual([done]);
  });

  it('deprecated', async () => {
    world.home.image(old(20)).DeprecationTime = NOW.toISOString();
    expect(await finish([retired({ action: 'deprecate' })], 'retired')).toMatchObject([{ outcome: 'done' }]);
  });

  it('disabled', async () => {
    world.home.disable({ ImageId: old(20) });
    expect(await finish([retired({ action: 'disable' })], 'retired')).toMatchObject([{ outcome: 'done' }]);
  });

  it('deleted a snapshot that was left behind', async () => {
    world.home.deleteSnapshot({ SnapshotId: 'snap-00000020' });
    expect(await finish([retired(orphan)], 'retired')).toMatchObject([
      { outcome: 'done', deleted: ['snap-00000020'] },
    ]);
  });
});

it.each(['deprecate', 'disable', 'delete'] as const)(
  '%s that was not done after all is left out: the run plans it anew',
  async (action) => {
    expect(await finish([retired({ action })], 'retired')).toEqual([]);
    expect(world.journal()).toEqual([]);
  },
);

it('a snapshot that is still there is left out', async () => {
  expect(await finish([retired(orphan)], 'retired')).toEqual([]);
});

it('asks each region about its own', async () => {
  world.add(20, {}, 'service-api', 'eu-west-1');
  world.home.deregister({ ImageId: old(20), DeleteAssociatedSnapshots: true });
  const entries = [retired(), retired({ region: 'eu-west-1' })];
  expect((await finish(entries, 'retired')).map(({ region }) => region)).toEqual(['us-east-1']);
  expect(world.calls.names).toContain('eu-west-1/DescribeSnapshots');
});

it('keeps what is known already beside what it found out', async () => {
  world.home.deregister({ ImageId: old(20), DeleteAssociatedSnapshots: true });
  const known = retired({ id: old(1), imageId: old(1), outcome: 'gone' });
  expect((await finish([known, retired()], 'retired')).map(({ id, outcome }) => [id, outcome])).toEqual([
    [old(1), 'gone'],
    [old(20), 'done'],
  ]);
});
