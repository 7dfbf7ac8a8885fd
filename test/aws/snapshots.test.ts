import { DescribeSnapshotsCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { snapshotsThere, taggedSnapshots } from '../../shared/aws/snapshots.ts';
import { CleanUpWorld, old } from '../support/clean-up-world.ts';
import { stopClock } from '../support/clock.ts';
import { GIB } from '../support/fake-region.ts';

stopClock();
const HOME = 'us-east-1';
let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
});
const snapshot = (facts: object) =>
  world.home.snapshots.push({
    SnapshotId: 'snap-1',
    State: 'completed',
    StartTime: new Date(0),
    Tags: [{ Key: 'amity:instance-name', Value: 'service-api' }],
    ...facts,
  });

describe('taggedSnapshots', () => {
  it('paginates: those of this account that carry our tag', async () => {
    world.has(1, 2, 3);
    world.addForeign(4, {});
    world.home.pageSize = 1;
    const found = await taggedSnapshots(HOME);
    expect(found.map(({ snapshotId }) => snapshotId)).toEqual([
      'snap-00000001',
      'snap-00000002',
      'snap-00000003',
    ]);
    const inputs = world.inputs(DescribeSnapshotsCommand);
    expect(inputs).toHaveLength(3);
    for (const input of inputs) expect(input).toMatchObject({ OwnerIds: ['self'], MaxResults: 1000 });
  });

  it('of one name alone, taken literally', async () => {
    world.add(1, {}, 'a*');
    world.add(2, {}, 'ab');
    expect((await taggedSnapshots(HOME, 'a*')).map(({ snapshotId }) => snapshotId)).toEqual([
      'snap-00000001',
    ]);
  });

  it.each([
    ['Created by CreateImage(i-0123) for ami-000000aa', 'ami-000000aa'],
    ['Created by CreateImage(i-0123) for ami-000000aa from vol-1', 'ami-000000aa'],
    [
      'Copied for DestinationAmi ami-000000bb from SourceAmi ami-000000aa for SourceSnapshot snap-1.',
      'ami-000000bb',
    ],
    ['nightly backup', undefined],
    ['for ami-to-come', undefined],
    [undefined, undefined],
  ])('"%s" was made for %s', async (Description, madeFor) => {
    snapshot({ Description });
    expect((await taggedSnapshots(HOME))[0]?.madeFor).toBe(madeFor);
  });

  it.each([
    [{ FullSnapshotSizeInBytes: 123, VolumeSize: 8 }, 123],
    [{ VolumeSize: 8 }, 8 * GIB],
    [{}, 0],
  ])('%j has a full size of %i bytes', async (facts, bytes) => {
    snapshot(facts);
    expect((await taggedSnapshots(HOME))[0]?.bytes).toBe(bytes);
  });

  it('one without a date is never old, one without a state is in none that we know', async () => {
    snapshot({ StartTime: undefined, State: undefined });
    const [found] = await taggedSnapshots(HOME);
    expect(found?.startedAt.getTime()).toBeNaN();
    expect(found?.state).toBe('unknown');
  });
});

describe('snapshotsThere', () => {
  it('paginates: those that are left', async () => {
    world.has(1, 2, 3);
    world.home.deleteSnapshot({ SnapshotId: 'snap-00000002' });
    world.home.pageSize = 1;
    expect(await snapshotsThere(['snap-00000001', 'snap-00000002', 'snap-00000003'], HOME)).toEqual([
      'snap-00000001',
      'snap-00000003',
    ]);
    expect(world.home.image(old(2))).toBeDefined();
  });

  it('asks nothing about none', async () => {
    expect(await snapshotsThere([], HOME)).toEqual([]);
    expect(world.calls.names).toEqual([]);
  });
});
