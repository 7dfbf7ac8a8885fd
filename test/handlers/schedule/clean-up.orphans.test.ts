import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/schedule/clean-up.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { CleanUpWorld } from '../../support/clean-up-world.ts';
import { stopClock } from '../../support/clock.ts';
import { lambdaContext } from '../../support/events.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
});
const run = () => handler({}, lambdaContext({ remainingMs: 900_000 }));
const report = () => world.bus.of('AmiCleaned')[0];

describe('a snapshot that was left behind', () => {
  const orphan = (more: object = {}) => ({
    SnapshotId: 'snap-left',
    State: 'completed' as const,
    StartTime: new Date(Date.now() - 20 * 86_400_000 - 1000),
    Description: 'Created by CreateImage(i-1) for ami-000000aa',
    Tags: [
      { Key: 'amity:instance-name', Value: 'service-api' },
      { Key: 'Name', Value: 'service-api-Deploy-2025-05-16_00_00' },
    ],
    ...more,
  });

  it('is deleted, and reported under the image that it was made for', async () => {
    world.home.snapshots.push(orphan());
    await run();
    expect(world.home.deletedSnapshots).toEqual(['snap-left']);
    expect(report()).toMatchObject({
      deleted: [
        {
          imageId: 'ami-000000aa',
          imageName: 'service-api-Deploy-2025-05-16_00_00',
          ageDays: 20,
          snapshotIds: ['snap-left'],
        },
      ],
    });
  });

  it('is none while its image is there, in any state', async () => {
    world.add(1, { id: 'ami-000000aa', state: 'disabled' });
    world.home.snapshots.push(orphan());
    await run();
    expect(world.home.deletedSnapshots).toEqual([]);
  });

  it('stays when another image was made from it, and that is no failure', async () => {
    world.home.snapshots.push(orphan());
    world.home.snapshotErrors.set('snap-left', ['InvalidSnapshot.InUse']);
    await run();
    expect(world.bus.of('AmiCleaned')).toEqual([]);
  });

  it('counts towards what a run may delete', async () => {
    world.has(...Array.from({ length: 52 }, (_, age) => age + 20));
    world.home.snapshots.push(orphan());
    await run();
    expect(world.home.deletedSnapshots).not.toContain('snap-left');
    expect(world.home.deregistered).toHaveLength(50);
  });

  it('is not looked for when snapshots cannot be read, and the run says so', async () => {
    world.has(1, 2, 20);
    const error = ec2Error('UnauthorizedOperation');
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'DescribeSnapshots' });
    await expect(run()).rejects.toThrow('snapshots-unreadable');
    expect(report()).toMatchObject({ counts: { deleted: 1, failed: 1 } });
  });
});
