import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../handlers/move/request-image.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { everyCut, once } from '../../support/calls.ts';
import { stopClock } from '../../support/clock.ts';
import { lambdaContext } from '../../support/events.ts';
import { MoveWorld, move, SOURCE } from '../../support/move-world.ts';

stopClock();

let world: MoveWorld;
beforeEach(() => {
  world = new MoveWorld();
});
const ask = (overrides: object = {}) => handler(move(overrides), lambdaContext());

it('asks for an image of that very instance, with a reboot, and says its name', async () => {
  expect(await ask()).toEqual({ instanceName: 'service-api' });
  expect(world.bus.published).toEqual([
    {
      type: 'AmiRequested',
      detail: {
        instanceName: 'service-api',
        instanceId: SOURCE,
        requestId: 'move-one',
        reason: 'Move',
        noReboot: false,
      },
    },
  ]);
  expect(world.changes).toEqual([]);
});

it('an instance without a profile passes no role', async () => {
  world.source.IamInstanceProfile = undefined;
  expect(await ask()).toEqual({ instanceName: 'service-api' });
  expect(world.calls.count('GetInstanceProfile')).toBe(0);
});

describe('a move that is refused', () => {
  const member = { Key: 'aws:autoscaling:groupName', Value: 'web' };
  const refusals: [string, () => unknown, string, string][] = [
    ['a source that is gone', () => world.ec2.instances.pop(), 'source-unfit', 'does not exist'],
    [
      'a source that is stopped',
      () => (world.source.State = { Name: 'stopped' }),
      'source-unfit',
      'is stopped',
    ],
    ['a source without a name', () => (world.source.Tags = []), 'source-unfit', 'no Name tag'],
    [
      'a source on an instance store',
      () => (world.source.RootDeviceType = 'instance-store'),
      'source-unfit',
      'store',
    ],
    ['a member of a group', () => world.source.Tags?.push(member), 'source-unfit', 'Auto Scaling group web'],
    [
      'a role that is not listed',
      () => world.profiles.set('web-profile', ['admin']),
      'pass-role',
      'role admin',
    ],
    ['a profile that is gone', () => world.profiles.clear(), 'pass-role', 'web-profile does not exist'],
  ];
  it.each(refusals)('%s', async (_, make, code, message) => {
    make();
    expect(await ask()).toEqual({ failed: { code, message: expect.stringContaining(message) } });
    expect(world.bus.published).toEqual([]);
  });

  it.each([
    ['subnet-0000000f', 'does not exist'],
    ['subnet-0000000c', 'is in vpc-0000000c, and the source in vpc-0000000a'],
  ])('a subnet such as %s', async (subnetId, message) => {
    expect(await ask({ subnetId })).toMatchObject({
      failed: { code: 'subnet-unfit', message: expect.stringContaining(message) },
    });
    expect(world.bus.published).toEqual([]);
  });
});

it('what cannot be read is thrown, and asked again', async () => {
  const error = ec2Error('RequestLimitExceeded');
  world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'DescribeInstances' });
  await expect(ask()).rejects.toThrow('RequestLimitExceeded');
  expect(world.bus.published).toEqual([]);
});

const CALLS = ['DescribeInstances', 'DescribeSubnets', 'GetInstanceProfile', 'PutEvents'];
it.each(everyCut(CALLS))('$how $when $name, then asked again: one request', async ({ number, when, how }) => {
  world.calls.faults = once({ when, how }, { number });
  await Promise.race([ask().catch(() => undefined), world.calls.died]);
  expect(await ask()).toEqual({ instanceName: 'service-api' });
  expect(new Set(world.bus.entries.map(({ Detail }) => Detail)).size).toBe(1);
});
