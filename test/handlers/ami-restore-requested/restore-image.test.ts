import { RestoreImageFromRecycleBinCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-restore-requested/restore-image.ts';
import { handler as cleanUp } from '../../../handlers/schedule/clean-up.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once, times } from '../../support/calls.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { DAY, passes, stopClock } from '../../support/clock.ts';
import { example, lambdaContext, NOW, sqsRecord } from '../../support/events.ts';
import { retired } from '../../support/retired.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  world.has(1, 2);
});

const asked = (detail: unknown = { imageId: old(20) }, time = '2025-06-20T09:15:00Z') =>
  sqsRecord(example('ami-restore-requested', { detail, time }), { messageId: 'one' });
const restored = () => world.bus.of('AmiRestored');
const failed = () => world.bus.of('AmiRestoreFailed');
const SHARED = [{ UserId: '111122223333' }, { Group: 'all' as const }];
const daily = () => cleanUp({}, lambdaContext({ remainingMs: 900_000 }));

describe('an image that was deleted', () => {
  const tags = { 'amity:instance-name': 'service-api', commit: '9fceb02', 'amity:retention-days': '15' };
  beforeEach(async () => {
    world.add(20, { tags });
    await daily();
    expect(world.home.binnedImages.has(old(20))).toBe(true);
  });

  it('comes out of the Recycle Bin with its snapshots, tags as they were', async () => {
    // AWS does not promise that what comes out of the bin has all of its tags.
    for (const binned of [...world.home.binnedImages.values(), ...world.home.binnedSnapshots.values()])
      binned.Tags = (binned.Tags ?? []).filter(({ Key }) => Key !== 'commit');
    expect(await deliver(handler, [asked()])).toEqual([]);
    expect(restored()).toEqual([
      {
        imageId: old(20),
        requestedAt: '2025-06-20T09:15:00Z',
        imageName: `name-of-${old(20)}`,
        instanceName: 'service-api',
        region: 'us-east-1',
        snapshotIds: ['snap-00000020'],
        undone: ['delete'],
      },
    ]);
    expect(world.tagsOf(old(20))).toEqual({ ...tags, 'amity:restored-at': NOW.toISOString() });
    expect(world.home.tags('snap-00000020')).toEqual(tags);
  });

  it('is not taken again by the next run: its age counts from now', async () => {
    await deliver(handler, [asked()]);
    world.home.deregistered.length = 0;
    await daily();
    expect(world.home.deregistered).toEqual([]);
    passes(16 * DAY);
    world.has(0, 3);
    await daily();
    expect(world.home.deregistered).toContain(old(20));
  });

  it('waits for its snapshots to be ready', async () => {
    world.home.recovering = 3;
    expect(await deliver(handler, [asked()])).toEqual([]);
    expect(restored()).toHaveLength(1);
    expect(world.inputs(RestoreImageFromRecycleBinCommand)).toHaveLength(4);
  });

  it('comes again later where they take longer than its function', async () => {
    world.home.recovering = 1000;
    expect(await deliver(handler, [asked()])).toEqual(['one']);
    expect(failed()).toEqual([]);
    world.home.recovering = 0;
    expect(await deliver(handler, [asked()])).toEqual([]);
    expect(restored()).toMatchObject([{ undone: ['delete'] }]);
  });

  it.each([
    ['RestoreSnapshotFromRecycleBin', 'after'],
    ['RestoreImageFromRecycleBin', 'after'],
    ['CreateTags', 'after'],
    ['DescribeImages', 'before'],
    ['PutEvents', 'before'],
    ['BatchWrite', 'before'],
  ] as const)('%s lost: another delivery brings it back', async (name, when) => {
    // PutEvents is sent again three times before the function gives up.
    world.calls.faults = times(name === 'PutEvents' ? 4 : 1, name, { when, how: 'throws' });
    expect(await deliver(handler, [asked()])).toEqual(['one']);
    expect(failed()).toEqual([]);
    expect(await deliver(handler, [asked()])).toEqual([]);
    expect(restored().at(-1)).toMatchObject({ imageId: old(20) });
    expect(world.tagsOf(old(20))).toEqual({ ...tags, 'amity:restored-at': expect.any(String) });
    expect(world.home.tags('snap-00000020')).toEqual(tags);
  });
});

describe('an image that was disabled', () => {
  beforeEach(() => {
    const image = world.add(20, { tags: { 'amity:disabled-at': '2025-06-01T03:00:00.000Z' } });
    image.State = 'disabled';
    const entry = { ...retired({ action: 'disable', outcome: 'done', permissions: SHARED }) };
    world.table.items.set('retired/run x', entry);
  });

  it('is enabled, and shared as it was', async () => {
    await deliver(handler, [asked()]);
    expect(restored()).toMatchObject([{ undone: ['disable'] }]);
    expect(world.home.image(old(20)).State).toBe('available');
    expect(world.home.permissions.get(old(20))).toEqual(SHARED);
    expect(world.tagsOf(old(20))).not.toHaveProperty('amity:disabled-at');
  });

  it('is shared as it was even where a delivery died after it was enabled', async () => {
    world.calls.faults = once({ when: 'after', how: 'throws' }, { name: 'EnableImage' });
    expect(await deliver(handler, [asked()])).toEqual(['one']);
    expect(await deliver(handler, [asked()])).toEqual([]);
    expect(world.home.permissions.get(old(20))).toEqual(SHARED);
  });
});

describe('an image that was deprecated', () => {
  beforeEach(() => {
    world.add(20).DeprecationTime = '2025-06-01T03:02:00.000Z';
  });
  const entry = (permissions: typeof SHARED = []) =>
    world.table.items.set('retired/run x', {
      ...retired({ action: 'deprecate', outcome: 'done', permissions }),
    });

  it('is so no longer', async () => {
    entry();
    await deliver(handler, [asked()]);
    expect(restored()).toMatchObject([{ undone: ['deprecate'] }]);
    expect(world.home.image(old(20)).DeprecationTime).toBeUndefined();
  });

  it('by somebody else stays so', async () => {
    await deliver(handler, [asked()]);
    expect(restored()).toMatchObject([{ undone: [] }]);
    expect(world.home.image(old(20)).DeprecationTime).toBeDefined();
  });

  it('is not shared again with whom it is shared no longer', async () => {
    entry(SHARED);
    await deliver(handler, [asked()]);
    expect(world.calls.count('ModifyImageAttribute')).toBe(0);
  });

  it('nor where it was disabled later, when it was shared with one of them', async () => {
    entry(SHARED);
    world.home.disable({ ImageId: old(20) });
    const disabling = { action: 'disable', outcome: 'done', at: '2025-06-04T03:00:00.000Z' } as const;
    world.table.items.set('retired/run-2 x', {
      ...retired({ ...disabling, runId: 'run-2', permissions: SHARED.slice(0, 1) }),
    });
    await deliver(handler, [asked()]);
    expect(world.home.permissions.get(old(20))).toEqual(SHARED.slice(0, 1));
  });
});

describe('twice', () => {
  it('is harmless: a second request finds it in service', async () => {
    world.add(20).State = 'disabled';
    await deliver(handler, [asked()]);
    await deliver(handler, [asked(undefined, '2025-06-20T10:00:00Z')]);
    expect(restored()).toMatchObject([{ undone: ['disable'] }, { undone: [] }]);
  });

  it('a replay does nothing, also where the image was retired again since', async () => {
    world.add(20);
    await deliver(handler, [asked()]);
    world.home.disable({ ImageId: old(20) });
    const replay = {
      ...example('ami-restore-requested', { detail: { imageId: old(20) } }),
      'replay-name': 'r',
    };
    expect(await deliver(handler, [{ ...replay, id: 'another', time: '2025-06-20T09:15:00Z' }])).toEqual([]);
    expect(world.home.image(old(20)).State).toBe('disabled');
    expect(restored()).toHaveLength(1);
  });

  it('what was done before a restoration is not undone again', async () => {
    world.add(20).State = 'disabled';
    world.table.items.set('retired/run x', {
      ...retired({ action: 'disable', outcome: 'done', permissions: SHARED, at: '2025-06-01T03:00:00.000Z' }),
    });
    await deliver(handler, [asked()]);
    world.home.permissions.delete(old(20));
    await deliver(handler, [asked(undefined, '2025-06-20T10:00:00Z')]);
    expect(world.home.permissions.has(old(20))).toBe(false);
  });
});

it('in the region that it names', async () => {
  world.add(20, {}, 'service-api', 'eu-west-1').State = 'disabled';
  world.add(20).State = 'disabled';
  await deliver(handler, [asked({ imageId: old(20), region: 'eu-west-1' })]);
  expect(world.region('eu-west-1').image(old(20)).State).toBe('available');
  expect(world.home.image(old(20)).State).toBe('disabled');
  expect(restored()).toMatchObject([{ region: 'eu-west-1' }]);
});

describe('what can never be done', () => {
  it.each<[string, Record<string, string>]>([
    ['without our tag', {}],
    ['of AWS Backup', { 'amity:instance-name': 'service-api', 'aws:backup:x': 'y' }],
  ])('an image %s is not ours, and is not touched', async (_, tags) => {
    world.addForeign(20, { tags, state: 'disabled' });
    expect(await deliver(handler, [asked()])).toEqual([]);
    expect(failed()).toMatchObject([
      { code: 'not-ours', imageId: old(20), requestedAt: '2025-06-20T09:15:00Z' },
    ]);
    expect(world.home.image(old(20)).State).toBe('disabled');
    expect(world.home.tags(old(20))).toEqual(tags);
  });

  it('an image that is neither there nor in the bin', async () => {
    expect(await deliver(handler, [asked()])).toEqual([]);
    expect(failed()).toMatchObject([{ code: 'not-found', message: expect.stringContaining('us-east-1') }]);
  });

  it.each<[string, unknown, string]>([
    ['nothing', null, 'the whole must be an object'],
    ['no image', {}, '/imageId is missing'],
    ['no region', { imageId: old(20), region: '' }, '/region must be a region'],
    ['a place', { imageId: old(20), region: 'us-east-1.example.com#' }, '/region must be a region'],
    ['another kind of id', { imageId: 'snap-00000020' }, '/imageId must be an image id'],
  ])('a request of %s', async (_, detail, message) => {
    expect(await deliver(handler, [asked(detail)])).toEqual([]);
    expect(failed()).toMatchObject([{ code: 'invalid-request', message: expect.stringContaining(message) }]);
    expect(world.calls.names).toEqual(['PutEvents']);
  });

  it.each(['UnauthorizedOperation', 'OperationNotPermitted', 'InvalidAMIName.Duplicate'])(
    'what EC2 refuses for good: %s',
    async (name) => {
      world.add(20).State = 'disabled';
      const error = ec2Error(name, 'no');
      world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'EnableImage' });
      expect(await deliver(handler, [asked()])).toEqual([]);
      expect(failed()).toMatchObject([{ code: 'ec2-rejected', message: `${name}: no` }]);
    },
  );

  it('what may pass is tried again, and told as no failure', async () => {
    world.add(20).State = 'disabled';
    const error = ec2Error('RequestLimitExceeded');
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'EnableImage' });
    expect(await deliver(handler, [asked()])).toEqual(['one']);
    expect(failed()).toEqual([]);
    expect(await deliver(handler, [asked()])).toEqual([]);
    expect(restored()).toHaveLength(1);
  });
});
