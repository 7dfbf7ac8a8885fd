import { DescribeSnapshotsCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { survey } from '../../../shared/aws/retention/survey.ts';
import { planRetention } from '../../../shared/domain/retention/plan.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { stopClock } from '../../support/clock.ts';
import { GIB } from '../../support/fake-region.ts';
import { scope } from '../../support/scope.ts';

stopClock();
let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
});
const count = (name: string) => world.calls.count(name);

describe('what is read', () => {
  it('images alone, of a name of which nothing is old', async () => {
    world.has(1, 2, 3);
    const { images, uses } = await survey(scope({ instanceName: 'service-api' }));
    expect(world.calls.names).toEqual(['DescribeImages']);
    expect(images.map(({ imageId }) => imageId)).toEqual([old(1), old(2), old(3)]);
    expect(uses.unread).toEqual([]);
  });

  it('images and snapshots, of all names where nothing is old', async () => {
    world.has(1, 2, 3);
    await survey(scope());
    expect(world.calls.names).toEqual(['DescribeImages', 'DescribeSnapshots']);
  });

  it('every bulk source once, however many are old', async () => {
    world.has(1, 2, ...Array.from({ length: 30 }, (_, index) => 20 + index));
    await survey(scope());
    for (const name of [
      'DescribeInstances',
      'DescribeLaunchTemplates',
      'DescribeLaunchTemplateVersions',
      'DescribeAutoScalingGroups',
      'DescribeSnapshots',
    ])
      expect(count(name), name).toBe(1);
    // Of ours, and of what is being copied.
    expect(count('DescribeImages')).toBe(2);
    expect(count('DescribeImageReferences') + count('DescribeImageAttribute')).toBe(0);
  });

  it('a name’s snapshots for their sizes alone: none of them counts as left behind', async () => {
    world.has(1, 2, 20);
    world.home.images.splice(1, 1);
    const { snapshots } = await survey(
      scope({ instanceName: 'service-api', retention: { ...scope().retention, keepNewest: 1 } }),
    );
    expect(world.inputs(DescribeSnapshotsCommand)).toMatchObject([
      { Filters: [{ Name: 'tag:amity:instance-name', Values: ['service-api'] }] },
    ]);
    expect(snapshots.map(({ bytes, madeFor }) => [bytes, madeFor])).toEqual(
      Array.from({ length: 3 }, () => [GIB, undefined]),
    );
  });
});

describe('a snapshot whose image is not among ours', () => {
  beforeEach(() => {
    world.has(1, 2);
    world.add(20);
  });
  const madeFor = async () =>
    (await survey(scope())).snapshots.find(({ snapshotId }) => snapshotId === 'snap-00000020')?.madeFor;

  it('was left behind', async () => {
    world.home.images.pop();
    expect(await madeFor()).toBe(old(20));
  });

  it('was not, while its image is in the Recycle Bin', async () => {
    const [image] = world.home.images.splice(2, 1);
    if (image) world.home.binnedImages.set(old(20), image);
    expect(await madeFor()).toBeUndefined();
  });

  it('was not, while its image is there without our tag', async () => {
    world.home.image(old(20)).Tags = [];
    expect(await madeFor()).toBeUndefined();
  });

  it('was not, while another image holds it', async () => {
    world.home.images.pop();
    world.addForeign(5, { snapshotIds: ['snap-00000020'] });
    expect(await madeFor()).toBeUndefined();
  });

  it('looks for 200 images a call', async () => {
    world.home.images.pop();
    for (let age = 100; age < 310; age += 1) world.add(age);
    world.home.images.splice(2);
    await survey(scope());
    // Ours; twice each for 200 and 11 snapshots; copies under way.
    expect(count('DescribeImages')).toBe(6);
  });
});

describe('one source that cannot be read', () => {
  it.each([
    ['DescribeInstances', 'instances'],
    ['DescribeLaunchTemplateVersions', 'launch templates and Auto Scaling groups'],
    ['DescribeLaunchTemplates', 'launch templates and Auto Scaling groups'],
    ['DescribeAutoScalingGroups', 'launch templates and Auto Scaling groups'],
    ['eu-west-1/DescribeImages', 'copies'],
  ])('%s: everything is kept, and says so', async (name, source) => {
    world.has(1, 2, 20, 30);
    const error = ec2Error('UnauthorizedOperation', 'not you');
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name });
    const wide = scope({ regions: ['us-east-1', 'eu-west-1'] });
    const facts = await survey(wide);
    expect(facts.uses.unread).toEqual([`${source}: UnauthorizedOperation: not you`]);
    const { entries } = planRetention(facts, wide.retention, wide.now);
    expect(entries.filter(({ action }) => action !== 'keep')).toEqual([]);
    expect(entries[0]?.against).toContainEqual(
      `references unreadable: ${source}: UnauthorizedOperation: not you`,
    );
  });

  it.each(['DescribeSnapshots', 'ListImagesInRecycleBin'])(
    '%s: no snapshot is looked at, images go on',
    async (name) => {
      world.has(1, 2, 20);
      world.add(40);
      world.home.images.pop();
      const error = ec2Error('UnauthorizedOperation', 'not you');
      world.calls.faults = once({ when: 'before', how: 'throws', error }, { name });
      const facts = await survey(scope());
      expect(facts).toMatchObject({
        snapshots: [],
        snapshotsUnread: 'snapshots: UnauthorizedOperation: not you',
        uses: { unread: [] },
      });
    },
  );

  it('images: there is no plan at all', async () => {
    const error = ec2Error('UnauthorizedOperation');
    world.calls.faults = once({ when: 'before', how: 'throws', error });
    await expect(survey(scope())).rejects.toThrow('UnauthorizedOperation');
  });
});

it('puts together who uses what, from all sources', async () => {
  world.has(1, 2, 20, 30);
  const { uses } = world.home;
  uses.instance(old(20));
  uses.version({ isDefault: true, image: old(20), snapshotIds: ['snap-00000030'] });
  const facts = await survey(scope());
  expect(facts.uses.users.get(old(20))).toEqual(['instance/i-1', 'launch-template/lt-1:1']);
  expect(facts.uses.users.get('snap-00000030')).toEqual(['launch-template/lt-1:1']);
  expect(facts.uses.users.get(old(30))).toEqual([]);
});
