import { DescribeInstanceStatusCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  factsOf,
  instanceById,
  startedBy,
  statusOf,
  subnetById,
  userDataOf,
  volumesOf,
} from '../../../shared/aws/move/source.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { MoveWorld, SOURCE, SUBNET } from '../../support/move-world.ts';

const OTHER = 'i-0123456789abcdeff';
let world: MoveWorld;
beforeEach(() => {
  world = new MoveWorld();
});

it('the facts of an instance', () => {
  expect(factsOf(world.source)).toEqual({
    instanceId: SOURCE,
    name: 'service-api',
    state: 'running',
    rootDeviceType: 'ebs',
    groupName: undefined,
    vpcId: 'vpc-0000000a',
  });
  const Tags = [{ Key: 'aws:autoscaling:groupName', Value: 'web' }];
  expect(factsOf({ ...world.source, Tags })).toMatchObject({ name: '', groupName: 'web' });
  expect(factsOf({})).toMatchObject({ state: 'unknown', rootDeviceType: 'unknown' });
});

describe('what is not there is nothing', () => {
  it('and what is, is something', async () => {
    expect(await instanceById(SOURCE)).toMatchObject({ InstanceId: SOURCE });
    expect(await instanceById(OTHER)).toBeUndefined();
    expect(await subnetById(SUBNET)).toEqual({ subnetId: SUBNET, vpcId: 'vpc-0000000a' });
    expect(await subnetById('subnet-0000000f')).toBeUndefined();
    expect(await statusOf(OTHER)).toBeUndefined();
  });

  it.each(['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'])('%s', async (name) => {
    world.calls.faults = once({ when: 'before', how: 'throws', error: ec2Error(name) });
    expect(await instanceById(SOURCE)).toBeUndefined();
  });

  it.each(['UnauthorizedOperation', 'RequestLimitExceeded', 'InvalidParameterValue'])(
    'but %s is an error',
    async (name) => {
      const error = ec2Error(name);
      for (const look of [() => instanceById(SOURCE), () => subnetById(SUBNET), () => statusOf(SOURCE)]) {
        world.calls.faults = once({ when: 'before', how: 'throws', error });
        await expect(look()).rejects.toThrow(name);
      }
    },
  );
});

it('user data is as EC2 has it; none is nothing', async () => {
  expect(await userDataOf(SOURCE)).toBe('IyEvYmluL3No');
  world.userData.set(SOURCE, '');
  expect(await userDataOf(SOURCE)).toBeUndefined();
});

it('volumes are those of the instance; without any, nothing is asked', async () => {
  world.volumes.push({ VolumeId: 'vol-0000000f' });
  expect(await volumesOf(world.source)).toMatchObject([
    { VolumeId: 'vol-0000000a' },
    { VolumeId: 'vol-0000000b' },
  ]);
  world.calls.names.length = 0;
  expect(await volumesOf({})).toEqual([]);
  expect(world.calls.names).toEqual([]);
});

it('the checks of an instance are told while it does not run, too', async () => {
  world.checks.set(SOURCE, ['ok', 'impaired']);
  const checks = { instanceStatus: 'ok', systemStatus: 'impaired' };
  expect(await statusOf(SOURCE)).toEqual({ state: 'running', ...checks });
  world.source.State = { Name: 'stopped' };
  expect(await statusOf(SOURCE)).toEqual({ state: 'stopped', ...checks });
  expect(world.inputs(DescribeInstanceStatusCommand)[0]).toEqual({
    InstanceIds: [SOURCE],
    IncludeAllInstances: true,
  });
});

it('what a token has started is found by it', async () => {
  world.ec2.instances.push({ InstanceId: OTHER, State: { Name: 'pending' }, ClientToken: 'token' });
  expect(await startedBy('token')).toMatchObject({ InstanceId: OTHER });
  expect(await startedBy('another')).toBeUndefined();
});
