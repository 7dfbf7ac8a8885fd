import {
  CreateImageCommand,
  CreateKeyPairCommand,
  CreateSecurityGroupCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstanceStatusCommand,
  type DescribeInstanceStatusCommandInput,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  type Instance,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { deploy, errorOf, imageName, role, untilState, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
let ImageId: string;
let wanted: Partial<RunInstancesCommandInput>;

beforeAll(async () => {
  await deploy(suite, 'Moved', {
    Role: role('moved', ['ec2.amazonaws.com']),
    Profile: {
      Type: 'AWS::IAM::InstanceProfile',
      Properties: { InstanceProfileName: 'moved', Roles: [{ Ref: 'Role' }] },
    },
  });
  await suite.ec2.send(new CreateKeyPairCommand({ KeyName: 'operators' }));
});

beforeEach(async () => {
  const { control } = suite.aws;
  await control.setLimit('RunInstances', null);
  ImageId = (await control.addImage({ name: imageName(), snapshots: 2 })).imageId;
  const group = new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' });
  const { GroupId = '' } = await suite.ec2.send(group);
  const [, subnet] = await subnets();
  wanted = {
    SubnetId: subnet?.SubnetId,
    SecurityGroupIds: [GroupId],
    IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/moved' },
    KeyName: 'operators',
    UserData: Buffer.from('#!/bin/sh').toString('base64'),
    EbsOptimized: true,
    Monitoring: { Enabled: true },
    MetadataOptions: {
      HttpEndpoint: 'enabled',
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 3,
      HttpProtocolIpv6: 'disabled',
      InstanceMetadataTags: 'enabled',
    },
    BlockDeviceMappings: [
      {
        DeviceName: '/dev/xvda',
        Ebs: { VolumeType: 'gp3', Iops: 4000, Throughput: 250, DeleteOnTermination: false },
      },
      { DeviceName: '/dev/sdf', Ebs: { VolumeType: 'io2', Iops: 5000, Encrypted: true } },
    ],
    TagSpecifications: [
      { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'service-api' }] },
      { ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'service-api' }] },
    ],
  };
});

const subnets = async () => {
  const { Subnets = [] } = await suite.ec2.send(new DescribeSubnetsCommand({}));
  return Subnets.sort((a, b) => String(a.AvailabilityZone).localeCompare(String(b.AvailabilityZone)));
};
async function run(more: Partial<RunInstancesCommandInput> = {}): Promise<Instance> {
  const input = { ImageId, InstanceType: 'm5.large' as const, MinCount: 1, MaxCount: 1, ...more };
  const { Instances = [] } = await suite.ec2.send(new RunInstancesCommand(input));
  return Instances[0] ?? {};
}
async function find(id = ''): Promise<Instance> {
  const { Reservations } = await suite.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations?.[0]?.Instances?.[0] ?? {};
}
async function statuses(input: DescribeInstanceStatusCommandInput) {
  const { InstanceStatuses = [] } = await suite.ec2.send(new DescribeInstanceStatusCommand(input));
  return InstanceStatuses.map((each) => `${each.InstanceStatus?.Status} ${each.SystemStatus?.Status}`);
}
const untilStatus = (id: string | undefined, status: string) =>
  vi.waitFor(async () => expect(await statuses({ InstanceIds: [id ?? ''] })).toEqual([status]), {
    timeout: 5000,
    interval: 50,
  });

describe('an instance like another one', () => {
  it('is started in another zone, and shows all that it was given', async () => {
    const [, subnet] = await subnets();
    const { InstanceId = '' } = await run(wanted);
    const { NetworkInterfaces, ...found } = await find(InstanceId);
    expect(found).toMatchObject({
      ImageId,
      InstanceType: 'm5.large',
      SubnetId: subnet?.SubnetId,
      VpcId: subnet?.VpcId,
      Placement: { AvailabilityZone: 'us-east-1b' },
      SecurityGroups: [{ GroupId: wanted.SecurityGroupIds?.[0], GroupName: 'web' }],
      IamInstanceProfile: wanted.IamInstanceProfile,
      KeyName: 'operators',
      EbsOptimized: true,
      Monitoring: { State: expect.stringMatching(/enabled|pending/) },
      MetadataOptions: wanted.MetadataOptions,
      Tags: [{ Key: 'Name', Value: 'service-api' }],
    });
    expect(NetworkInterfaces?.[0]?.Groups).toMatchObject([{ GroupId: wanted.SecurityGroupIds?.[0] }]);
    const Attribute = 'userData' as const;
    const { UserData } = await suite.ec2.send(
      new DescribeInstanceAttributeCommand({ InstanceId, Attribute }),
    );
    expect(UserData?.Value).toBe(wanted.UserData);
    expect(found.BlockDeviceMappings?.map(({ DeviceName }) => DeviceName)).toEqual(['/dev/xvda', '/dev/sdf']);
    const VolumeIds = found.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.VolumeId ?? '');
    const { Volumes = [] } = await suite.ec2.send(new DescribeVolumesCommand({ VolumeIds }));
    const zone = { AvailabilityZone: 'us-east-1b', Tags: [{ Key: 'Name', Value: 'service-api' }] };
    const attached = (DeleteOnTermination: boolean) => [{ InstanceId, DeleteOnTermination }];
    const root = { VolumeType: 'gp3', Iops: 4000, Throughput: 250, Encrypted: false };
    expect(Volumes).toMatchObject([
      { ...zone, ...root, Attachments: attached(false) },
      { ...zone, VolumeType: 'io2', Iops: 5000, Encrypted: true, Attachments: attached(true) },
    ]);
  });

  it('without user data, profile or key has none', async () => {
    const { InstanceId = '' } = await run();
    const input = { InstanceId, Attribute: 'userData' as const };
    const { UserData } = await suite.ec2.send(new DescribeInstanceAttributeCommand(input));
    expect(UserData?.Value).toBeUndefined();
    const { KeyName, IamInstanceProfile, EbsOptimized, Monitoring } = await find(InstanceId);
    expect({ KeyName, IamInstanceProfile }).toEqual({});
    expect([EbsOptimized, Monitoring?.State]).toEqual([false, 'disabled']);
  });

  it('is the same one for the same client token', async () => {
    const first = await run({ ...wanted, ClientToken: 'move-1' });
    expect((await run({ ...wanted, ClientToken: 'move-1' })).InstanceId).toBe(first.InstanceId);
    expect(await suite.aws.control.instances()).toHaveLength(1);
  });

  it.each<[string, Partial<RunInstancesCommandInput>, string]>([
    ['in no subnet', { SubnetId: 'subnet-0123456789abcdef0' }, 'InvalidSubnetID.NotFound'],
    ['with no such key', { KeyName: 'none' }, 'InvalidKeyPair.NotFound'],
    ['in no group', { SecurityGroupIds: ['sg-0123456789abcdef0'] }, 'InvalidGroup.NotFound'],
  ])('%s is refused', async (_, more, code) => {
    expect((await errorOf(run({ ...wanted, ...more }))).name).toBe(code);
    expect(await suite.aws.control.instances()).toEqual([]);
  });

  it.each([
    ['InsufficientInstanceCapacity', 500],
    ['Unsupported', 400],
  ])('%s is what a zone can answer', async (code, status) => {
    const only = { match: { SubnetId: wanted.SubnetId ?? '' }, times: 1 };
    await suite.aws.control.addFault({ action: 'RunInstances', kind: 'error', code, status, ...only });
    expect((await errorOf(run(wanted))).name).toBe(code);
    await run(wanted);
  });
});

describe('the status checks of an instance', () => {
  it('are initializing, then ok, and apply to no instance that does not run', async () => {
    await suite.aws.control.services.setStatusCheckSeconds(1);
    const { InstanceId = '' } = await run();
    expect(await statuses({ InstanceIds: [InstanceId] })).toEqual([]);
    const all = { InstanceIds: [InstanceId], IncludeAllInstances: true };
    expect(await statuses(all)).toEqual(['not-applicable not-applicable']);
    await untilStatus(InstanceId, 'initializing initializing');
    await untilStatus(InstanceId, 'ok ok');
    await suite.ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
    expect(await statuses({ InstanceIds: [InstanceId] })).toEqual([]);
    const none = statuses({ InstanceIds: ['i-0123456789abcdef0'] });
    expect((await errorOf(none)).name).toBe('InvalidInstanceID.NotFound');
  });

  it('can find an instance impaired, those of an image, or go on for ever', async () => {
    const { services } = suite.aws.control;
    await services.setStatusChecks('impaired', { imageId: ImageId });
    const { InstanceId = '' } = await run();
    await untilStatus(InstanceId, 'impaired ok');
    await services.setStatusChecks('ok', { instance: InstanceId });
    await untilStatus(InstanceId, 'ok ok');
    await services.setStatusCheckSeconds(null);
    await untilStatus(InstanceId, 'initializing initializing');
    const { instanceId } = await suite.aws.control.startInstance();
    await services.setStatusCheckSeconds(0);
    await untilStatus(instanceId, 'ok ok');
    const Filters = [{ Name: 'instance-status.status', Values: ['ok'] }];
    expect(await statuses({ Filters, MaxResults: 5 })).toHaveLength(2);
  });
});

it('an image with reboot reboots an instance that runs, once', async () => {
  const { instanceId } = await suite.aws.control.startInstance({ name: 'service-api' });
  const image = async (NoReboot: boolean) => {
    const command = new CreateImageCommand({ InstanceId: instanceId, Name: imageName(), NoReboot });
    await untilState(suite, String((await suite.ec2.send(command)).ImageId), 'available');
    return (await suite.aws.control.instances()).map(({ reboots }) => reboots);
  };
  expect([await image(true), await image(false)]).toEqual([[0], [1]]);
});
