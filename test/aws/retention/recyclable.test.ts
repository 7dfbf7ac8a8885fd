import { CreateTagsCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Acting } from '../../../shared/aws/retention/acting.ts';
import { runOn } from '../../support/acting.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { stopClock } from '../../support/clock.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  world.has(1, 2);
});
const run = (overrides?: Partial<Acting>, meanwhile?: () => void) => runOn(world, overrides, meanwhile);

describe('the tag for the Recycle Bin', () => {
  const tagged = () => world.inputs(CreateTagsCommand).flatMap(({ Resources }) => Resources);

  it('is set on images and their snapshots before they are deleted', async () => {
    world.has(20, 30);
    await run();
    expect(world.inputs(CreateTagsCommand)).toMatchObject([
      { Tags: [{ Key: 'amity:recycle', Value: 'true' }] },
    ]);
    expect(world.calls.names.indexOf('CreateTags')).toBeLessThan(
      world.calls.names.indexOf('DeregisterImage'),
    );
    expect([...world.home.binnedImages.keys()]).toEqual([old(30), old(20)]);
    expect([...world.home.binnedSnapshots.keys()]).toEqual(['snap-00000030', 'snap-00000020']);
  });

  it('is not set twice, nor where there is no bin', async () => {
    world.add(20, { tags: { 'amity:recycle': 'true' } });
    await run();
    world.has(30);
    await run({ recycleBinDays: 0 });
    expect(tagged()).toEqual([]);
    expect(world.home.deregistered).toEqual([old(20), old(30)]);
  });

  it('is not set on an image that has lost our tag', async () => {
    world.has(20, 30);
    await run({}, () =>
      world.home.deleteTags({ Resources: [old(30)], Tags: [{ Key: 'amity:instance-name' }] }),
    );
    expect(tagged()).not.toContain(old(30));
    expect(world.home.deregistered).toEqual([old(20)]);
  });

  it('refused, keeps the image: without that snapshot it could not come back', async () => {
    world.has(20, 30);
    const error = ec2Error('UnauthorizedOperation', 'not you');
    world.calls.faults = (name) => {
      const resources = world.inputs(CreateTagsCommand).at(-1)?.Resources ?? [];
      return name === 'CreateTags' && resources.includes('snap-00000020')
        ? { when: 'before', how: 'throws', error }
        : undefined;
    };
    const { reasons } = await run();
    expect(world.home.deregistered).toEqual([old(30)]);
    expect(world.home.binnedSnapshots.has('snap-00000030')).toBe(true);
    expect(reasons).toEqual([
      [old(20), 'cannot go to the Recycle Bin: snap-00000020: UnauthorizedOperation'],
    ]);
  });

  it('is set on snapshots that could not be read too', async () => {
    world.has(20);
    const error = ec2Error('UnauthorizedOperation', 'not you');
    world.calls.faults = (name) =>
      name === 'DescribeSnapshots' ? { when: 'before', how: 'throws', error } : undefined;
    await run();
    expect(world.home.binnedImages.has(old(20))).toBe(true);
    expect(world.home.binnedSnapshots.has('snap-00000020')).toBe(true);
  });

  it('is not missed by the others when one of them goes away at that very moment', async () => {
    world.has(20, 30);
    world.calls.before('CreateTags', () =>
      world.home.deregister({ ImageId: old(30), DeleteAssociatedSnapshots: true }),
    );
    await run();
    expect(world.home.binnedImages.has(old(20))).toBe(true);
    expect(world.journal()).toMatchObject([{ id: old(20), outcome: 'done' }]);
  });
});
