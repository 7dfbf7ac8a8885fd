import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/schedule/follow-newest.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once, times } from '../../support/calls.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { lambdaContext } from '../../support/events.ts';
import { ami, POINTER, RolloutWorld, TEMPLATE } from '../../support/rollout-world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
  world.has(1, 2);
});
const run = (context = lambdaContext({ remainingMs: 900_000 })) => handler({}, context);
const newest = (id = TEMPLATE) => world.templates.shown(id).images.at(-1);
const of = (name: string) => ({ tags: { 'amity:instance-name': name, Reason: 'Deploy' } });
const many = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    world.follower({ id: `lt-${String(index + 1).padStart(8, '0')}` }),
  );

describe('the daily run', () => {
  it('brings what an event missed to its newest image: templates, groups and pointers, of every name', async () => {
    world.follower();
    world.follower({ id: 'lt-0000000b', tags: { 'amity:follow': 'service-worker' } });
    world.addImage(3, of('service-worker'));
    world.addImage(4, of('service-web'));
    world.groups.add();
    await run();
    expect(newest()).toBe(ami(2));
    expect(newest('lt-0000000b')).toBe(ami(3));
    expect(world.executions).toMatchObject([{ autoScalingGroupName: 'web', version: 2 }]);
    expect([...world.parameters.held].map(([name, { value }]) => [name, value]).toSorted()).toEqual([
      [POINTER, ami(2)],
      ['/amity/images/service-web/latest', ami(4)],
      ['/amity/images/service-worker/latest', ami(3)],
    ]);
    expect(world.bus.of('AmiRolledOut')).toHaveLength(2);
  });

  it('changes nothing the second time', async () => {
    world.follower();
    world.groups.add();
    await run();
    const changes = world.changes.filter((name) => name !== 'StartExecution').length;
    for (let day = 0; day < 3; day += 1) await run();
    expect(world.changes.filter((name) => name !== 'StartExecution')).toHaveLength(changes);
    expect(world.executions).toHaveLength(1);
    expect(world.bus.published).toHaveLength(1);
  });

  it('follows images that nobody has told of, and backups where the tag says so', async () => {
    world.addImage(3, { tags: { Name: 'service-api' } });
    world.addImage(4, { name: 'AWSBACKUP_i-1', tags: { Name: 'service-api', 'aws:backup:source': 'i-1' } });
    world.follower();
    world.follower({ id: 'lt-0000000b', tags: { 'amity:include-backups': 'true' } });
    await run();
    expect(newest()).toBe(ami(3));
    expect(newest('lt-0000000b')).toBe(ami(4));
    expect(world.parameters.value(POINTER)).toBe(ami(2));
  });

  it('with nothing to follow, and no image, does nothing', async () => {
    world.ec2.images.length = 0;
    await run();
    expect(world.changes).toEqual([]);
    expect(world.table.items.size).toBe(0);
  });

  it('tells what it cannot do once, not every day', async () => {
    world.follower({ tags: { 'amity:security-group-ids': 'web' } });
    for (let day = 0; day < 3; day += 1) await run();
    expect(world.bus.of('AmiRolloutFailed')).toMatchObject([{ code: 'invalid-tag' }]);
  });

  it('tells a clash of names once, however the images are listed', async () => {
    world.has(5);
    world.addImage(3, of('service api'));
    for (let day = 0; day < 3; day += 1) {
      await run();
      world.ec2.images.reverse();
    }
    expect(world.bus.of('AmiRolloutFailed')).toMatchObject([
      { code: 'pointer-clash', instanceName: 'service api' },
    ]);
    expect(world.parameters.value(POINTER)).toBe(ami(5));
  });
});

it('paginates: templates, groups and images of the last page', async () => {
  const all = many(5);
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    world.groups.add({ name, LaunchTemplate: { LaunchTemplateId: all[4], Version: '1' } });
  world.has(3, 4);
  world.templates.pageSize = 2;
  world.groups.pageSize = 2;
  world.ec2.pageSize = 1;
  await run();
  expect(all.map(newest)).toEqual(all.map(() => ami(4)));
  expect(world.executions).toHaveLength(5);
});

it('asks for the images of 450 names in a few calls', async () => {
  for (let index = 0; index < 450; index += 1)
    world.follower({
      id: `lt-${String(index).padStart(8, '0')}`,
      tags: { 'amity:follow': `service-${index}` },
    });
  world.addImage(3, of('service-449'));
  await run();
  expect(newest('lt-00000449')).toBe(ami(3));
  // All of ours; six lists by name; and of each template the image that it has.
  expect(world.calls.count('DescribeImages')).toBeLessThanOrEqual(1 + 6 + 450 + 3);
});

describe('what fails', () => {
  const fails = (count: number) => {
    const error = ec2Error('InternalError');
    world.calls.faults = times(count, 'CreateLaunchTemplateVersion', {
      when: 'before',
      how: 'throws',
      error,
    });
  };

  it('does not keep the others from it, and ends the run in an error', async () => {
    const all = many(7);
    fails(1);
    await expect(run()).rejects.toThrow('InternalError');
    expect(all.filter((id) => newest(id) === ami(2))).toHaveLength(6);
    expect(world.parameters.value(POINTER)).toBe(ami(2));
    await run();
    expect(all.map(newest)).toEqual(all.map(() => ami(2)));
  });

  it('is listed, each of it', async () => {
    many(7);
    fails(2);
    await expect(run()).rejects.toThrow(/^2 of 8 failed: .*InternalError.*; .*InternalError/);
  });

  it('is everything, where templates or groups cannot be read', async () => {
    many(1);
    world.calls.faults = once({ when: 'before', how: 'throws' }, { name: 'DescribeAutoScalingGroups' });
    await expect(run()).rejects.toThrow('socket hang up');
    expect(world.changes).toEqual([]);
  });
});

it('where the time is over, it ends in an error, and another call does the rest', async () => {
  const all = many(12);
  world.calls.before('ModifyLaunchTemplate', () => passes(MINUTE));
  await expect(run(lambdaContext({ remainingMs: 1.5 * MINUTE }))).rejects.toThrow(
    'The time of this function is over',
  );
  expect(all.filter((id) => newest(id) === ami(2))).toHaveLength(5);
  await run();
  expect(all.map(newest)).toEqual(all.map(() => ami(2)));
  expect(world.bus.of('AmiRolledOut')).toHaveLength(12);
});
