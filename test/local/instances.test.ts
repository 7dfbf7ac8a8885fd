import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  type Instance,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Observer, observe } from '../../local/observer.ts';
import { createImage, deploy, errorOf, role, untilState, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
let observer: Observer;
let image: string;
const profile = 'arn:aws:iam::000000000000:instance-profile/builder';

beforeAll(async () => {
  await deploy(suite, 'Builder', {
    Role: role('builder', ['ec2.amazonaws.com']),
    Profile: {
      Type: 'AWS::IAM::InstanceProfile',
      Properties: { InstanceProfileName: 'builder', Roles: [{ Ref: 'Role' }] },
    },
  });
  observer = await observe(suite.aws.clientConfig, [{ bus: 'default', pattern: { source: ['aws.ec2'] } }]);
});
afterAll(() => observer?.stop());
beforeEach(async () => {
  image = (await suite.aws.control.addImage({ name: 'base' })).imageId;
  await suite.aws.control.setLimit('RunInstances', null);
});

type Wanted = Partial<RunInstancesCommandInput>;
async function run(more: Wanted = {}): Promise<Instance> {
  const one = { MinCount: 1, MaxCount: 1, InstanceType: 't3.micro' as const };
  const { Instances = [] } = await suite.ec2.send(
    new RunInstancesCommand({ ImageId: image, ...one, ...more }),
  );
  return Instances[0] ?? {};
}

async function find(input: DescribeInstancesCommandInput): Promise<Instance[]> {
  const { Reservations = [] } = await suite.ec2.send(new DescribeInstancesCommand(input));
  return Reservations.flatMap((each) => each.Instances ?? []);
}

const one = async (id = '') => (await find({ InstanceIds: [id] }))[0] ?? {};
const until = (id: string | undefined, state: string) =>
  vi.waitFor(async () => expect((await one(id)).State?.Name).toBe(state), { timeout: 20_000, interval: 50 });
const announced = (id: string | undefined) =>
  observer.events
    .map(({ detail }) => detail as { 'instance-id'?: string; state?: string })
    .flatMap((detail) => (detail['instance-id'] === id ? [detail.state] : []));
const stop = (id = '') => suite.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
const terminate = (id = '') => suite.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));

async function volumes(id = '') {
  const Filters = [{ Name: 'attachment.instance-id', Values: [id] }];
  return (await suite.ec2.send(new DescribeVolumesCommand({ Filters }))).Volumes ?? [];
}

describe('RunInstances', () => {
  it('shows what it was given', async () => {
    const { Subnets = [] } = await suite.ec2.send(new DescribeSubnetsCommand({}));
    const { SubnetId, VpcId, AvailabilityZone } = Subnets[1] ?? {};
    const tags = (Key: string) => [{ Key, Value: 'a' }];
    const { InstanceId = '', State } = await run({
      SubnetId,
      ClientToken: 'shown',
      IamInstanceProfile: { Name: 'builder' },
      MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled', HttpPutResponseHopLimit: 1 },
      UserData: Buffer.from('#!/bin/bash').toString('base64'),
      TagSpecifications: [
        { ResourceType: 'instance', Tags: tags('of-instance') },
        { ResourceType: 'volume', Tags: tags('of-volume') },
        { ResourceType: 'network-interface', Tags: tags('of-interface') },
      ],
    });
    expect(State?.Name).toBe('pending');
    const found = await one(InstanceId);
    expect(found).toMatchObject({ SubnetId, VpcId, ClientToken: 'shown', Tags: tags('of-instance') });
    expect(found.Placement?.AvailabilityZone).toBe(AvailabilityZone);
    expect(found.IamInstanceProfile?.Arn).toBe(profile);
    expect(found.MetadataOptions).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
    expect(found.SecurityGroups).toMatchObject([{ GroupName: 'default' }]);
    expect(await volumes(InstanceId)).toMatchObject([{ Tags: tags('of-volume') }]);
    const id = found.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? '';
    const interfaces = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] });
    expect((await suite.ec2.send(interfaces)).NetworkInterfaces).toMatchObject([
      { TagSet: tags('of-interface') },
    ]);
    const data = new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'userData' });
    const { UserData } = await suite.ec2.send(data);
    expect(Buffer.from(String(UserData?.Value), 'base64').toString()).toBe('#!/bin/bash');
  });

  it('with a client token of before starts nothing, and with other parameters is refused', async () => {
    const first = await run({ ClientToken: 'once' });
    expect((await run({ ClientToken: 'once' })).InstanceId).toBe(first.InstanceId);
    expect(await find({})).toHaveLength(1);
    const other = run({ ClientToken: 'once', InstanceType: 't3.small' });
    expect((await errorOf(other)).name).toBe('IdempotentParameterMismatch');
    await run({ ClientToken: 'twice' });
    expect(await find({})).toHaveLength(2);
  });

  it.each<[string, Wanted, string, RegExp]>([
    ['subnet', { SubnetId: 'subnet-0123456789abcdef0' }, 'InvalidSubnetID.NotFound', /does not exist/],
    ['group', { SecurityGroupIds: ['sg-0123456789abcdef0'] }, 'InvalidGroup.NotFound', /does not exist/],
    [
      'profile',
      { IamInstanceProfile: { Name: 'none' } },
      'InvalidParameterValue',
      /^Value \(none\) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name/,
    ],
    [
      'type',
      { InstanceType: 'x1.none' as 't3.micro' },
      'InvalidParameterValue',
      /Invalid value 'x1.none' for InstanceType/,
    ],
    [
      'architecture',
      { InstanceType: 't4g.micro' },
      'InvalidParameterValue',
      /^The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of/,
    ],
    [
      'disk that is too small',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 4 } }] },
      'InvalidBlockDeviceMapping',
      /^Volume of size 4GB is smaller than snapshot 'snap-\w+', expect size >= 8GB$/,
    ],
    [
      'user data that is too long',
      { UserData: Buffer.alloc(16_385).toString('base64') },
      'InvalidParameterValue',
      /limited to 16384 bytes/,
    ],
  ])('refuses a %s, and starts nothing', async (_, more, name, message) => {
    const refused = await errorOf(run(more));
    expect(refused).toEqual({ name, message: expect.stringMatching(message) });
    expect(await find({})).toEqual([]);
  });

  it('can be refused in one subnet only', async () => {
    const { Subnets = [] } = await suite.ec2.send(new DescribeSubnetsCommand({}));
    const [full = '', free = ''] = Subnets.map((each) => String(each.SubnetId));
    const code = 'InsufficientInstanceCapacity';
    const fault = { action: 'RunInstances', kind: 'error', code, status: 500 } as const;
    await suite.aws.control.addFault({ ...fault, match: { SubnetId: full } });
    expect((await errorOf(run({ SubnetId: full }))).name).toBe(code);
    expect((await run({ SubnetId: free })).SubnetId).toBe(free);
  });

  it('overrides the disks of its image, encrypted ones too', async () => {
    const KmsKeyId = 'arn:aws:kms:us-east-1:000000000000:key/mine';
    const Ebs = { VolumeSize: 30, Encrypted: true, KmsKeyId, DeleteOnTermination: true };
    const { InstanceId = '' } = await run({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs }] });
    expect(await volumes(InstanceId)).toMatchObject([{ Size: 30, Encrypted: true, KmsKeyId }]);
    expect((await volumes((await run()).InstanceId))[0]).toMatchObject({ Size: 8, Encrypted: false });
  });
});

describe('an instance', () => {
  it('goes from state to state, and says so', async () => {
    const { InstanceId = '' } = await run();
    expect((await errorOf(stop(InstanceId))).name).toBe('IncorrectInstanceState');
    await until(InstanceId, 'running');
    const { StoppingInstances } = await stop(InstanceId);
    expect(StoppingInstances).toMatchObject([
      { CurrentState: { Name: 'stopping' }, PreviousState: { Name: 'running' } },
    ]);
    await until(InstanceId, 'stopped');
    const imageId = await createImage(suite, { InstanceId });
    await suite.ec2.send(new StartInstancesCommand({ InstanceIds: [InstanceId] }));
    await until(InstanceId, 'running');
    await terminate(InstanceId);
    await until(InstanceId, 'terminated');
    expect((await terminate(InstanceId)).TerminatingInstances).toMatchObject([
      { CurrentState: { Name: 'terminated' } },
    ]);
    const states = ['pending', 'running', 'stopping', 'stopped', 'pending', 'running'];
    const all = [...states, 'shutting-down', 'terminated'];
    await vi.waitFor(() => expect(announced(InstanceId)).toEqual(all), { timeout: 20_000 });
    expect(await volumes(InstanceId)).toEqual([]);
    expect((await errorOf(createImage(suite, { InstanceId }))).message).toContain("not in state 'running'");
    await untilState(suite, imageId, 'available');
  });

  it('is changed by a test as by EC2, and stays in a state for as long as a test wants', async () => {
    const { control } = suite.aws;
    await control.builders.setInstanceSeconds(null);
    const { InstanceId = '' } = await run();
    await control.changeInstance(InstanceId, { state: 'running' });
    await stop(InstanceId);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await one(InstanceId)).State?.Name).toBe('stopping');
    await control.changeInstance(InstanceId, { state: 'terminated' });
    expect(await volumes(InstanceId)).toEqual([]);
    const states = ['pending', 'running', 'stopping', 'terminated'];
    await vi.waitFor(() => expect(announced(InstanceId)).toEqual(states), { timeout: 20_000 });
  });

  it('is found by its tags, its state and its token', async () => {
    const tagged = (Value: string) => [
      { ResourceType: 'instance' as const, Tags: [{ Key: 'amity:builder', Value }] },
    ];
    const { InstanceId = '' } = await run({ TagSpecifications: tagged('a'), ClientToken: 'token-a' });
    await run({ TagSpecifications: tagged('b') });
    await run();
    const ids = async (Name: string, ...Values: string[]) =>
      (await find({ Filters: [{ Name, Values }] })).map((each) => each.InstanceId);
    expect(await ids('tag:amity:builder', 'a')).toEqual([InstanceId]);
    expect(await ids('tag-key', 'amity:builder')).toHaveLength(2);
    expect(await ids('client-token', 'token-a')).toEqual([InstanceId]);
    await until(InstanceId, 'running');
    await terminate(InstanceId);
    await until(InstanceId, 'terminated');
    expect(await ids('instance-state-name', 'terminated')).toEqual([InstanceId]);
    expect(await ids('instance-state-name', 'pending', 'running')).toHaveLength(2);
  });
});
