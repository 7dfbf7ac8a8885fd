import { DeleteTagsCommand, DeregisterImageCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/waiter/conclude-validation.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { lambdaContext } from '../../support/events.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));

const imageId = old(1);
let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  world.add(1, { tags: { 'amity:failed': 'not-validated', team: 'platform' } });
  world.has(20);
});
const conclude = (hasPassed: boolean) => handler({ imageId, hasPassed }, lambdaContext());

describe('an image that has passed', () => {
  it('loses its mark, and nothing else', async () => {
    await conclude(true);
    expect(world.tagsOf(imageId)).toEqual({ team: 'platform', 'amity:instance-name': 'service-api' });
    expect(world.inputs(DeleteTagsCommand)).toEqual([
      { Resources: [imageId, 'snap-00000001'], Tags: [{ Key: 'amity:failed' }] },
    ]);
    expect(world.home.deregistered).toEqual([]);
  });

  it('concluded again is as it was', async () => {
    await conclude(true);
    await conclude(true);
    expect(world.tagsOf(imageId)).not.toHaveProperty('amity:failed');
  });

  it.each(['UnauthorizedOperation', 'InvalidAMIID.NotFound'])('%s: thrown', async (name) => {
    const error = ec2Error(name);
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'DeleteTags' });
    await expect(conclude(true)).rejects.toBe(error);
    expect(world.home.deregistered).toEqual([]);
  });
});

describe('an image that has not', () => {
  it('goes, with its snapshots, and no other', async () => {
    await conclude(false);
    expect(world.home.deregistered).toEqual([imageId]);
    expect(world.home.deletedSnapshots).toEqual(['snap-00000001']);
    expect(world.inputs(DeregisterImageCommand)).toEqual([
      { ImageId: imageId, DeleteAssociatedSnapshots: true },
    ]);
  });

  it('concluded again, or gone already, is as good', async () => {
    await conclude(false);
    await conclude(false);
    expect(world.home.deregistered).toEqual([imageId]);
  });

  it('whose deregistration was carried out but its answer lost: the next call ends well', async () => {
    world.calls.faults = once({ when: 'after', how: 'throws' }, { name: 'DeregisterImage' });
    await expect(conclude(false)).rejects.toThrow('socket hang up');
    await conclude(false);
    expect(world.home.deregistered).toEqual([imageId]);
  });

  it('whose snapshot stays: thrown, by its id', async () => {
    world.home.returnCodes.set('snap-00000001', 'client-error');
    world.home.snapshotErrors.set('snap-00000001', ['UnauthorizedOperation']);
    await expect(conclude(false)).rejects.toThrow(/^UnauthorizedOperation: snap-00000001 stays/);
  });

  it('that EC2 does not let go: thrown, and it says that it was found wanting', async () => {
    world.home.image(imageId).DeregistrationProtection = 'enabled';
    await expect(conclude(false)).rejects.toMatchObject({ name: 'OperationNotPermitted' });
    expect(world.tagsOf(imageId)).toMatchObject({ 'amity:failed': 'validation-failed' });
  });
});

it.each([{ imageId }, { hasPassed: true }, { imageId, hasPassed: 'true' }, null])(
  'a conclusion that is none: %o',
  async (concluded) => {
    await expect(handler(concluded, lambdaContext())).rejects.toThrow();
    expect(world.home.deregistered).toEqual([]);
  },
);
