import { type InstanceRefreshStatus, StartInstanceRefreshCommand } from '@aws-sdk/client-auto-scaling';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../handlers/rollout/check-refresh.ts';
import { autoScaling } from '../../../shared/aws/auto-scaling.ts';
import { once } from '../../support/calls.ts';
import { DAY, passes, stopClock } from '../../support/clock.ts';
import { lambdaContext, NOW } from '../../support/events.ts';
import { scalingError } from '../../support/fake-groups.ts';
import { RolloutWorld, TEMPLATE } from '../../support/rollout-world.ts';

stopClock();

let world: RolloutWorld;
beforeEach(async () => {
  world = new RolloutWorld();
  world.groups.add({ LaunchTemplate: { LaunchTemplateId: TEMPLATE, Version: '1' } });
  await begin();
});
const begin = () =>
  autoScaling.send(
    new StartInstanceRefreshCommand({
      AutoScalingGroupName: 'web',
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: TEMPLATE, Version: '2' } },
    }),
  );
const check = (refreshId = 'refresh-1') =>
  handler({ autoScalingGroupName: 'web', refreshId, startedAt: NOW.toISOString() }, lambdaContext());
const is = (Status: string, more: object = {}) =>
  Object.assign(world.groups.running('web') ?? {}, { Status, ...more });

it.each(['Pending', 'InProgress', 'Baking', 'Cancelling', 'RollbackInProgress', 'SomethingNew'])(
  '%s: it runs',
  async (status) => {
    is(status);
    expect(await check()).toEqual({ verdict: 'running' });
  },
);

it('Successful: it succeeded', async () => {
  is('Successful');
  expect(await check()).toEqual({ verdict: 'succeeded' });
});

describe('it failed', () => {
  it.each<[InstanceRefreshStatus, string]>([
    ['Failed', 'refresh-failed'],
    ['Cancelled', 'refresh-cancelled'],
    ['RollbackSuccessful', 'refresh-rolled-back'],
    ['RollbackFailed', 'rollback-failed'],
  ])('%s: %s, with the group’s reason', async (status, code) => {
    is(status, { StatusReason: 'Instances did not become healthy.' });
    expect(await check()).toEqual({ verdict: 'failed', code, message: 'Instances did not become healthy.' });
  });

  it('and was rolled back: the reason of that', async () => {
    const RollbackDetails = { RollbackReason: 'i-1 failed its health check.' };
    is('RollbackSuccessful', { StatusReason: 'Rollback is complete.', RollbackDetails });
    expect(await check()).toMatchObject({ message: 'i-1 failed its health check.' });
  });

  it('without a reason: its state is all that there is to say', async () => {
    is('Failed');
    expect(await check()).toMatchObject({ message: 'The instance refresh is Failed.' });
  });

  it('with its group: gone', async () => {
    world.groups.delete('web');
    expect(await check()).toMatchObject({ verdict: 'failed', code: 'group-gone' });
  });

  it('because nobody may look', async () => {
    const error = scalingError('no', 'AccessDenied', 403);
    world.calls.faults = once({ when: 'before', how: 'throws', error });
    expect(await check()).toMatchObject({ verdict: 'failed', code: 'access-denied' });
  });
});

it('a refresh that cannot be seen yet runs', async () => {
  expect(await check('refresh-9')).toEqual({ verdict: 'running' });
});

it('a refresh is looked at by its id: a later one of the group is not it', async () => {
  is('Failed', { StatusReason: 'no' });
  await begin();
  expect(await check()).toMatchObject({ verdict: 'failed' });
  expect(await check('refresh-2')).toEqual({ verdict: 'running' });
});

describe('after the time-out', () => {
  it('one that runs is followed no longer', async () => {
    is('InProgress');
    passes(DAY);
    expect(await check()).toEqual({ verdict: 'running' });
    passes(1);
    expect(await check()).toEqual({
      verdict: 'failed',
      code: 'timeout',
      message: expect.stringContaining('is InProgress after 1440 minutes'),
    });
  });

  it('one that has ended is told as it ended', async () => {
    is('Successful');
    passes(2 * DAY);
    expect(await check()).toEqual({ verdict: 'succeeded' });
  });
});

it('what may pass is thrown', async () => {
  const error = scalingError('Rate exceeded', 'Throttling');
  world.calls.faults = once({ when: 'before', how: 'throws', error });
  await expect(check()).rejects.toThrow('Rate exceeded');
  expect(await check()).toEqual({ verdict: 'running' });
});
