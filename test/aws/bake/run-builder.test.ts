import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { type NewBuilder, runBuilder } from '../../../shared/aws/bake/run-builder.ts';
import { connectionLost, ec2Error } from '../../support/aws-errors.ts';
import { BASE_IMAGE, spec } from '../../support/bake-record.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { times } from '../../support/calls.ts';

let world: BakeWorld;
beforeEach(() => {
  world = new BakeWorld();
});

const deadline = '2025-06-05T15:10:31.000Z';
const builder = (overrides: Partial<NewBuilder> = {}): NewBuilder => ({
  bake: 'bake-1',
  requestId: 'one',
  instanceName: 'service-web',
  imageId: BASE_IMAGE,
  spec: spec(),
  disks: [{ device: '/dev/xvda' }],
  userData: '#!/bin/sh\necho größer\n',
  deadline,
  ...overrides,
});
const inSubnets = (...subnetIds: string[]) => builder({ spec: spec({ subnetIds }) });
const runs = () => world.ec2.mock.commandCalls(RunInstancesCommand).map(({ args }) => args[0].input);
const [A, B, C] = ['subnet-0000000a', 'subnet-0000000b', 'subnet-0000000c'];
const full = (name = 'InsufficientInstanceCapacity') => ec2Error(name, 'no room', 500);

describe('a builder', () => {
  it('is one, terminated when it shuts down, without IMDSv1, its user data as base64', async () => {
    expect(await runBuilder(builder())).toEqual({ instanceId: 'i-0b111de7000000001' });
    const [run] = runs();
    expect(run).toMatchObject({
      MinCount: 1,
      MaxCount: 1,
      ImageId: BASE_IMAGE,
      InstanceType: 't3.small',
      IamInstanceProfile: { Name: 'amity-builder' },
      MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled', HttpPutResponseHopLimit: 1 },
      InstanceInitiatedShutdownBehavior: 'terminate',
    });
    expect(Buffer.from(run?.UserData ?? '', 'base64').toString()).toBe('#!/bin/sh\necho größer\n');
    expect(run?.KeyName).toBeUndefined();
  });

  it('is tagged in the same call, with its volumes and interface; not as an instance of its name', async () => {
    await runBuilder(builder());
    const Tags = [
      { Key: 'Name', Value: 'amity builder: service-web' },
      { Key: 'amity:builder', Value: 'bake-1' },
      { Key: 'amity:deadline', Value: deadline },
      { Key: 'amity:request-id', Value: 'one' },
    ];
    expect(runs()[0]?.TagSpecifications).toEqual(
      ['instance', 'volume', 'network-interface'].map((ResourceType) => ({ ResourceType, Tags })),
    );
  });

  it('of the longest name has a tag that EC2 takes', async () => {
    await runBuilder(builder({ instanceName: 'x'.repeat(255) }));
    expect(runs()[0]?.TagSpecifications?.[0]?.Tags?.[0]?.Value).toHaveLength(256);
  });

  it('keeps no disk, and has what was asked for', async () => {
    const disks = [
      { device: '/dev/xvda', sizeGib: 20, encrypted: true, kmsKeyId: 'key' } as const,
      { device: '/dev/sdb' },
    ];
    await runBuilder(builder({ disks }));
    expect(runs()[0]?.BlockDeviceMappings).toEqual([
      {
        DeviceName: '/dev/xvda',
        Ebs: { DeleteOnTermination: true, VolumeSize: 20, Encrypted: true, KmsKeyId: 'key' },
      },
      { DeviceName: '/dev/sdb', Ebs: { DeleteOnTermination: true } },
    ]);
  });

  it('runs in a security group of its own, in EC2’s own choice of a subnet', async () => {
    await runBuilder(builder());
    expect(runs()).toMatchObject([{ SecurityGroupIds: ['sg-00000001'], SubnetId: undefined }]);
    expect(world.builders.groups).toMatchObject([{ GroupName: 'amity-builder-bake-1' }]);
  });

  it('runs in the security groups that were asked for, and none is made', async () => {
    await runBuilder(builder({ spec: spec({ securityGroupIds: ['sg-1', 'sg-2'] }) }));
    expect(runs()).toMatchObject([{ SecurityGroupIds: ['sg-1', 'sg-2'] }]);
    expect(world.builders.groups).toEqual([]);
  });
});

describe('a subnet without room', () => {
  it.each([
    'InsufficientInstanceCapacity',
    'InsufficientFreeAddressesInSubnet',
    'InsufficientHostCapacity',
    'Unsupported',
  ])('%s: the next one, with a client token and a security group of its own', async (name) => {
    world.builders.refusals.set(A, full(name));
    expect(await runBuilder(inSubnets(A, C))).toEqual({ instanceId: 'i-0b111de7000000001' });
    expect(runs()).toMatchObject([
      { SubnetId: A, SecurityGroupIds: ['sg-00000001'] },
      { SubnetId: C, SecurityGroupIds: ['sg-00000002'] },
    ]);
    expect(runs()[0]?.ClientToken).not.toBe(runs()[1]?.ClientToken);
  });

  it('after the last: no capacity, with what EC2 said of each', async () => {
    for (const subnet of [A, B]) world.builders.refusals.set(subnet, full());
    expect(await runBuilder(inSubnets(A, B))).toEqual({
      code: 'no-capacity',
      message: `${A}: InsufficientInstanceCapacity: no room; ${B}: InsufficientInstanceCapacity: no room`,
    });
    expect(world.ec2.instances).toEqual([]);
  });

  it('and no other: no capacity', async () => {
    world.builders.refusals.set('default', full());
    expect(await runBuilder(builder())).toEqual({
      code: 'no-capacity',
      message: 'InsufficientInstanceCapacity: no room',
    });
  });
});

describe('called again', () => {
  it('gives the same builder: the client token is the same', async () => {
    const first = await runBuilder(inSubnets(A, B));
    expect(await runBuilder(inSubnets(A, B))).toEqual(first);
    expect(world.ec2.instances).toHaveLength(1);
    const [one, two] = runs().map(({ ClientToken }) => ClientToken);
    expect(two).toBe(one);
    expect(one).toMatch(/^[\x21-\x7e]{1,64}$/);
  });

  it('after a lost answer gives the builder that there is', async () => {
    world.calls.faults = times(1, 'RunInstances', { when: 'after', how: 'throws' });
    await expect(runBuilder(builder())).rejects.toThrow('socket hang up');
    expect(await runBuilder(builder())).toEqual({ instanceId: 'i-0b111de7000000001' });
    expect(world.ec2.instances).toHaveLength(1);
  });

  it('with another user data is refused: one bake has one builder', async () => {
    await runBuilder(builder());
    const again = await runBuilder(builder({ userData: '#!/bin/sh\nanother token\n' }));
    expect(again).toMatchObject({ code: 'ec2-rejected' });
    expect(world.ec2.instances).toHaveLength(1);
  });

  it('for another bake starts another', async () => {
    await runBuilder(builder());
    await runBuilder(builder({ bake: 'bake-2' }));
    expect(world.ec2.instances).toHaveLength(2);
  });
});

describe('what no other subnet mends', () => {
  it.each([
    ['UnauthorizedOperation', 'access-denied'],
    ['VcpuLimitExceeded', 'ec2-rejected'],
    ['InvalidParameterValue', 'ec2-rejected'],
  ])('%s: %s, in EC2’s words', async (name, code) => {
    world.builders.refusals.set(A, ec2Error(name, 'not so', 400));
    expect(await runBuilder(inSubnets(A, B))).toEqual({ code, message: `${name}: not so` });
    expect(runs()).toHaveLength(1);
  });

  it('a subnet that is not there: ec2-rejected', async () => {
    expect(await runBuilder(inSubnets('subnet-0000000f'))).toMatchObject({
      code: 'ec2-rejected',
      message: expect.stringContaining('InvalidSubnetID.NotFound'),
    });
  });

  it.each([ec2Error('RequestLimitExceeded'), ec2Error('InternalError'), connectionLost()])(
    '%s: thrown',
    async (error) => {
      world.builders.refusals.set('default', error);
      await expect(runBuilder(builder())).rejects.toBe(error);
    },
  );
});
