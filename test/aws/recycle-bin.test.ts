import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  imagesInRecycleBin,
  isInRecycleBin,
  restoreImage,
  restoreSnapshot,
} from '../../shared/aws/recycle-bin.ts';
import { ec2Error } from '../support/aws-errors.ts';
import { CleanUpWorld, old } from '../support/clean-up-world.ts';
import { stopClock } from '../support/clock.ts';
import { sleep } from '../support/fake-sleep.ts';

vi.mock('../../shared/runtime/sleep.ts', () => import('../support/fake-sleep.ts'));
stopClock();

const HOME = 'us-east-1';
let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  for (const age of [20, 30, 40]) {
    world.add(age, { tags: { 'amity:recycle': 'true' } });
    world.home.deregister({ ImageId: old(age), DeleteAssociatedSnapshots: true });
  }
  sleep.mockClear();
});

it('paginates', async () => {
  world.home.pageSize = 1;
  expect(await imagesInRecycleBin(HOME)).toEqual([20, 30, 40].map(old));
  expect(world.calls.count('ListImagesInRecycleBin')).toBe(3);
});

it('says whether an image is in it; an error is no answer', async () => {
  expect(await isInRecycleBin(old(20), HOME)).toBe(true);
  expect(await isInRecycleBin(old(50), HOME)).toBe(false);
  const error = ec2Error('UnauthorizedOperation');
  world.calls.faults = () => ({ when: 'before', how: 'throws', error });
  await expect(isInRecycleBin(old(20), HOME)).rejects.toThrow('UnauthorizedOperation');
});

it('a snapshot comes out once; one that is out already is as good', async () => {
  expect(await restoreSnapshot('snap-00000020', HOME)).toBe(true);
  expect(await restoreSnapshot('snap-00000020', HOME)).toBe(false);
});

describe('an image', () => {
  it('waits for its snapshots, and not for ever', async () => {
    await restoreSnapshot('snap-00000020', HOME);
    world.home.recovering = 2;
    await restoreImage(old(20), HOME);
    expect(sleep).toHaveBeenCalledTimes(2);
    await restoreSnapshot('snap-00000030', HOME);
    world.home.recovering = 1000;
    await expect(restoreImage(old(30), HOME)).rejects.toMatchObject({ name: 'TryAgainLater' });
  });

  it('that EC2 refuses for another reason is not waited for', async () => {
    await expect(restoreImage(old(20), HOME)).rejects.toThrow('InvalidSnapshot.NotFound');
    expect(sleep).not.toHaveBeenCalled();
  });
});
