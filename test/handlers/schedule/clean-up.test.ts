import { DescribeImageReferencesCommand, DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/schedule/clean-up.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { stopClock } from '../../support/clock.ts';
import { lambdaContext } from '../../support/events.ts';
import { GIB } from '../../support/fake-region.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
});
const run = (context = lambdaContext({ remainingMs: 900_000 })) => handler({}, context);
const report = () => world.bus.of('AmiCleaned')[0];

describe('the daily run', () => {
  it('deletes what is old, with its snapshots, never the newest two of a name, and says so', async () => {
    world.has(1, 5, 20, 30);
    world.add(40, {}, 'service-worker');
    world.add(50, {}, 'service-worker');
    await run();
    expect(world.home.deregistered).toEqual([old(30), old(20)]);
    expect(world.home.deletedSnapshots).toEqual(['snap-00000030', 'snap-00000020']);
    expect(report()).toMatchObject({
      trigger: 'schedule',
      part: 1,
      parts: 1,
      counts: { deleted: 2, kept: 2, failed: 0 },
      bytes: 2 * GIB,
      deleted: [
        { imageId: old(30), ageDays: 30, snapshotIds: ['snap-00000030'], bytes: GIB },
        { imageId: old(20), ageDays: 20, snapshotIds: ['snap-00000020'], bytes: GIB },
      ],
      kept: [
        { imageId: old(50), reason: 'newest' },
        { imageId: old(40), reason: 'newest' },
      ],
    });
    expect(report()).not.toHaveProperty('instanceName');
  });

  it('has nothing to say when there was nothing to do', async () => {
    world.has(1, 20, 13);
    world.home.images.shift();
    await run();
    expect(world.bus.published).toEqual([]);
  });

  it.each<[string, Record<string, string>]>([
    ['without tags', {}],
    [
      'named and tagged as the older system did',
      { Name: 'service-api-Deploy-2025-01-01_00_00', Reason: 'Deploy' },
    ],
    ['with a similar tag', { 'amity:instance-names': 'service-api' }],
    ['with a tag in another case', { 'Amity:Instance-Name': 'service-api' }],
    ['with our tag, empty', { 'amity:instance-name': '' }],
    ['of AWS Backup', { 'amity:instance-name': 'service-api', 'aws:backup:source-resource': 'i-1' }],
    [
      'of Data Lifecycle Manager',
      { 'amity:instance-name': 'service-api', 'aws:dlm:lifecycle-policy-id': 'p' },
    ],
    ['of Image Builder', { 'amity:instance-name': 'service-api', CreatedBy: 'EC2 Image Builder' }],
  ])('never touches an image %s', async (_, tags) => {
    world.has(1, 2);
    world.addForeign(400, { name: 'service-api-Deploy-2024-01-01_00_00', tags });
    await run();
    expect(world.home.deregistered).toEqual([]);
    expect(world.home.deletedSnapshots).toEqual([]);
    expect(world.home.tags(old(400))).toEqual(tags);
  });

  it('paginates: every page of images, its own only, disabled ones too', async () => {
    world.has(1, 2, 20, 30, 40);
    world.home.pageSize = 1;
    await run();
    expect(world.home.deregistered).toHaveLength(3);
    const inputs = world
      .inputs(DescribeImagesCommand)
      .filter(({ Filters }) => Filters?.[0]?.Name === 'tag-key');
    expect(inputs).toHaveLength(5);
    for (const input of inputs) expect(input).toMatchObject({ Owners: ['self'], IncludeDisabled: true });
  });

  it('deletes fifty at most, the oldest, and keeps the rest for the next run', async () => {
    world.has(1, 2, ...Array.from({ length: 53 }, (_, index) => 20 + index));
    await run();
    expect(world.home.deregistered).toHaveLength(50);
    expect(report()?.kept).toMatchObject([22, 21, 20].map((age) => ({ imageId: old(age), reason: 'cap' })));
    await run();
    expect(world.home.deregistered).toHaveLength(53);
  });

  it('stops in time for its report', async () => {
    world.has(1, 2, 20, 30);
    await run(lambdaContext({ remainingMs: 20_000 }));
    expect(world.home.deregistered).toEqual([]);
    expect(report()?.kept).toMatchObject([{ reason: 'time' }, { reason: 'time' }]);
  });

  it('reports more than 500 images in parts that lose none', async () => {
    world.has(1, 2, ...Array.from({ length: 620 }, (_, index) => 20 + index));
    await run();
    const parts = world.bus.of('AmiCleaned') as { kept: unknown[]; deleted: unknown[]; counts: unknown }[];
    expect(parts.map(({ deleted, kept }) => [deleted.length, kept.length])).toEqual([
      [50, 450],
      [0, 120],
    ]);
    expect(
      parts.every(({ counts }) => JSON.stringify(counts) === '{"deleted":50,"kept":570,"failed":0}'),
    ).toBe(true);
  });
});

describe('references', () => {
  it('keep an image, and are named', async () => {
    world.has(1, 2, 20, 30);
    world.home.uses.references.set(old(30), ['arn:aws:ec2:us-east-1:000000000000:instance/i-1']);
    await run();
    expect(world.home.deregistered).toEqual([old(20)]);
    expect(report()?.kept).toMatchObject([{ imageId: old(30), reason: 'in use: instance/i-1' }]);
  });

  it('are read ten images a call, every page, instances that are terminated left out', async () => {
    world.has(1, 2, ...Array.from({ length: 25 }, (_, index) => 20 + index));
    for (let age = 20; age < 45; age += 1)
      world.home.uses.references.set(old(age), ['arn:aws:ec2:r:a:x/1', 'arn:aws:ec2:r:a:x/2']);
    world.home.pageSize = 15;
    await run();
    expect(world.home.deregistered).toEqual([]);
    const calls = world.inputs(DescribeImageReferencesCommand);
    expect(calls.map(({ ImageIds }) => ImageIds?.length)).toEqual([10, 10, 10, 10, 5]);
    expect(report()?.kept).toMatchObject(Array.from({ length: 25 }, () => ({ reason: 'in use: x/1, x/2' })));
    expect(JSON.stringify(calls[0]?.ResourceTypes)).not.toContain('terminated');
    expect(calls.every((call) => call.IncludeAllResourceTypes)).toBe(true);
  });

  it('that cannot be read: nothing is deleted, it is reported, and the run fails', async () => {
    world.has(1, 2, 20, 30);
    const error = ec2Error('UnauthorizedOperation', 'not you');
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'DescribeImageReferences' });
    await expect(run()).rejects.toThrow('UnauthorizedOperation: not you');
    expect(world.home.deregistered).toEqual([]);
    expect(report()).toMatchObject({
      deleted: [],
      kept: Array.from({ length: 2 }, () => ({
        reason: expect.stringContaining('references unreadable: image references: UnauthorizedOperation'),
      })),
      failed: [
        { code: 'references-unreadable', message: expect.stringContaining('Nothing more was touched') },
      ],
    });
  });
});

describe('a deletion', () => {
  beforeEach(() => world.has(1, 2, 20, 30));

  it('that fails is reported, the others go on, and the run fails', async () => {
    const error = ec2Error('OperationNotPermitted', 'protected');
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'DeregisterImage' });
    await expect(run()).rejects.toThrow(`${old(30)}: OperationNotPermitted: protected`);
    expect(report()).toMatchObject({
      deleted: [{ imageId: old(20) }],
      failed: [{ imageId: old(30), imageName: `name-of-${old(30)}`, code: 'OperationNotPermitted' }],
    });
  });

  it('of a snapshot that another image shares leaves it, and is no failure', async () => {
    world.home.returnCodes.set('snap-00000030', 'skipped');
    await run();
    expect(report()).toMatchObject({
      deleted: [{ snapshotIds: [] }, { snapshotIds: ['snap-00000020'] }],
      failed: [],
    });
  });

  it.each(['internal-error', 'client-error', 'missing-permissions', 'a-code-of-next-year'])(
    'of a snapshot that ended in %s is tried by itself',
    async (code) => {
      world.home.returnCodes.set('snap-00000030', code);
      await run();
      expect(world.home.deletedSnapshots).toContain('snap-00000030');
      expect(report()).toMatchObject({ deleted: [{ snapshotIds: ['snap-00000030'] }, {}], failed: [] });
    },
  );

  it('of a snapshot that still counts as in use is tried again', async () => {
    world.home.returnCodes.set('snap-00000030', 'internal-error');
    world.home.snapshotErrors.set('snap-00000030', ['InvalidSnapshot.InUse', 'InvalidSnapshot.InUse']);
    await run();
    expect(report()).toMatchObject({ counts: { deleted: 2, failed: 0 } });
    expect(world.calls.count('DeleteSnapshot')).toBe(3);
  });

  it.each([
    ['in use for good', Array.from({ length: 9 }, () => 'InvalidSnapshot.InUse'), 5],
    ['forbidden', ['UnauthorizedOperation'], 1],
  ])('of a snapshot that is %s is reported by its id', async (_, errors, tries) => {
    world.home.returnCodes.set('snap-00000030', 'internal-error');
    world.home.snapshotErrors.set('snap-00000030', [...errors]);
    await expect(run()).rejects.toThrow('snap-00000030');
    expect(world.calls.count('DeleteSnapshot')).toBe(tries);
    expect(report()).toMatchObject({
      counts: { deleted: 2, failed: 1 },
      failed: [{ imageId: old(30), code: errors[0], message: expect.stringContaining('snap-00000030') }],
    });
  });

  it('that another cleaner did first is no failure, and not ours to report', async () => {
    world.calls.before('DescribeImageReferences', () => {
      world.home.deregister({ ImageId: old(30), DeleteAssociatedSnapshots: true });
    });
    await run();
    expect(report()).toMatchObject({ counts: { deleted: 1, failed: 0 }, deleted: [{ imageId: old(20) }] });
  });

  it('that two cleaners do at once is done once, and reported once', async () => {
    await Promise.all([run(), run()]);
    const told = world.bus.of('AmiCleaned').flatMap(({ deleted }) => deleted as { imageId: string }[]);
    expect(world.home.deregistered.toSorted()).toEqual([old(20), old(30)]);
    expect(new Set(told.map(({ imageId }) => imageId))).toEqual(new Set([old(20), old(30)]));
  });
});

it('a report that the bus refuses makes the run fail', async () => {
  world.has(1, 2, 20);
  world.bus.refuses = () => true;
  await expect(run()).rejects.toThrow('1 of 1 events refused: ThrottlingException: slow down');
});
