import {
  CreateKeyPairCommand,
  CreateLaunchTemplateCommand,
  CreateSecurityGroupCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstanceStatusCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  EC2Client,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateScheduleCommand, DeleteScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allow, deploy, errorOf, imageName, role, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
const arn = (resource: string, service = 'ec2') => `arn:aws:${service}:us-east-1:000000000000:${resource}`;
const roleArn = (name: string) => `arn:aws:iam::000000000000:role/${name}`;
const made = ['instance/*', 'volume/*', 'network-interface/*'].map((each) => arn(each));
const asked = { Null: { 'aws:RequestTag/amity:move': 'false' } };
const passed = (service: string) => ({ StringEquals: { 'iam:PassedToService': service } });
const mover = [
  allow(['ec2:RunInstances'], arn('instance/*'), {
    ...asked,
    StringEquals: { 'ec2:MetadataHttpTokens': 'required' },
  }),
  allow(['ec2:RunInstances'], made.slice(1), asked),
  allow(
    ['ec2:RunInstances'],
    ['subnet/*', 'security-group/*', 'key-pair/operators'].map((each) => arn(each)),
  ),
  allow(['ec2:RunInstances'], 'arn:aws:ec2:us-east-1::image/*', {
    Null: { 'aws:ResourceTag/amity:instance-name': 'false' },
  }),
  allow(['ec2:RunInstances'], 'arn:aws:ec2:us-east-1::snapshot/*', {
    Null: { 'aws:ResourceTag/amity:instance-name': 'false' },
  }),
  allow(['ec2:CreateTags'], made, { StringEquals: { 'ec2:CreateAction': 'RunInstances' } }),
  allow(['ec2:StopInstances'], arn('instance/*'), {
    StringEquals: { 'aws:ResourceTag/amity:consistent': 'true' },
  }),
  allow(['ec2:DescribeInstanceAttribute'], arn('instance/*')),
  allow(['ec2:DescribeInstanceStatus', 'ec2:DescribeVolumes', 'ec2:DescribeSubnets'], '*'),
  allow(['iam:PassRole'], roleArn('listed'), passed('ec2.amazonaws.com')),
  allow(['iam:PassRole'], roleArn('reboots'), passed('scheduler.amazonaws.com')),
  allow(['scheduler:CreateSchedule', 'scheduler:DeleteSchedule'], arn('schedule/amity/*', 'scheduler')),
  allow(['ssm:PutParameter', 'ssm:GetParameter'], arn('parameter/amity/images/*', 'ssm')),
];
// Who may start instances of launch templates only, and say no more than where.
const templated = [
  allow(['ec2:RunInstances'], '*', {
    ArnLike: { 'ec2:LaunchTemplate': arn('launch-template/*') },
    Bool: { 'ec2:IsLaunchTemplateResource': 'true' },
  }),
  allow(['ec2:RunInstances'], [arn('subnet/*'), arn('network-interface/*')]),
];
const ours = { 'amity:instance-name': 'service-api' };
let ec2: EC2Client;
let clients: { scheduler: SchedulerClient; ssm: SSMClient };
let launch: Partial<RunInstancesCommandInput>;

beforeAll(async () => {
  const profile = (name: string, Role: string) => ({
    Type: 'AWS::IAM::InstanceProfile',
    Properties: { InstanceProfileName: name, Roles: [{ Ref: Role }] },
  });
  await deploy(suite, 'Mover', {
    Mover: role('mover', ['lambda.amazonaws.com'], ...mover),
    Templated: role('templated', ['lambda.amazonaws.com'], ...templated),
    Listed: role('listed', ['ec2.amazonaws.com']),
    Other: role('other', ['ec2.amazonaws.com', 'scheduler.amazonaws.com']),
    Reboots: role('reboots', ['scheduler.amazonaws.com']),
    ListedProfile: profile('listed', 'Listed'),
    OtherProfile: profile('other', 'Other'),
    Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'amity' } },
  });
  for (const KeyName of ['operators', 'others']) await suite.ec2.send(new CreateKeyPairCommand({ KeyName }));
});

async function config(name: string) {
  const credentials = await suite.aws.control.startSession(roleArn(name));
  return { ...suite.aws.clientConfig, credentials, maxAttempts: 1 };
}

beforeEach(async () => {
  const { control } = suite.aws;
  await control.enforceIam(true);
  await control.setLimit('RunInstances', null);
  ec2 = new EC2Client(await config('mover'));
  clients = {
    scheduler: new SchedulerClient(await config('mover')),
    ssm: new SSMClient(await config('mover')),
  };
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const Tags = [{ Key: 'amity:move', Value: 'request' }];
  launch = {
    ImageId: (await control.addImage({ name: imageName(), tags: ours })).imageId,
    InstanceType: 't3.micro',
    SubnetId: Subnets[1]?.SubnetId,
    IamInstanceProfile: { Name: 'listed' },
    KeyName: 'operators',
    MetadataOptions: { HttpTokens: 'required' },
    TagSpecifications: (['instance', 'volume', 'network-interface'] as const).map((ResourceType) => ({
      ResourceType,
      Tags,
    })),
  };
});

const run = (more: Partial<RunInstancesCommandInput> = {}, by = ec2, all = launch) =>
  by.send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1, ...all, ...more }));
const refused = async (call: Promise<unknown>) =>
  expect((await errorOf(call)).name).toMatch(/^(AccessDenied(Exception)?|UnauthorizedOperation)$/);
const snapshot = (SnapshotId: string) => ({
  BlockDeviceMappings: [{ DeviceName: '/dev/sdg', Ebs: { SnapshotId } }],
});

describe('a role that moves instances', () => {
  it('starts one like another', async () => {
    await run();
    const { snapshotId } = await suite.aws.control.retention.addSnapshot({ tags: ours });
    await run(snapshot(snapshotId));
  });

  it.each<[string, () => Promise<Partial<RunInstancesCommandInput>>]>([
    [
      'of an image of others',
      async () => ({
        ImageId: (await suite.aws.control.addImage({ name: imageName() })).imageId,
      }),
    ],
    [
      'of a snapshot of others',
      async () => snapshot((await suite.aws.control.retention.addSnapshot()).snapshotId),
    ],
    ['with another key', async () => ({ KeyName: 'others' })],
    ['with another role', async () => ({ IamInstanceProfile: { Name: 'other' } })],
    ['with optional tokens', async () => ({ MetadataOptions: { HttpTokens: 'optional' } })],
    ['without tags', async () => ({ TagSpecifications: [] })],
  ])('starts none %s', async (_, more) => {
    await refused(run(await more()));
  });

  it('looks at any instance, and stops those with the tag', async () => {
    const { control } = suite.aws;
    const mine = (await control.startInstance({ tags: { 'amity:consistent': 'true' } })).instanceId;
    const other = (await control.startInstance()).instanceId;
    await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: other, Attribute: 'userData' }));
    await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [other] }));
    await ec2.send(new DescribeVolumesCommand({}));
    await refused(ec2.send(new StopInstancesCommand({ InstanceIds: [mine, other] })));
    await ec2.send(new StopInstancesCommand({ InstanceIds: [mine] }));
  });

  it('makes schedules in its group, under a role that it may pass', async () => {
    const schedule = (GroupName: string | undefined, name: string) =>
      clients.scheduler.send(
        new CreateScheduleCommand({
          Name: 'reboot',
          GroupName,
          ScheduleExpression: 'at(2099-01-01T02:00:00)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: {
            Arn: arn('event-bus/default', 'events'),
            RoleArn: roleArn(name),
            EventBridgeParameters: { DetailType: 'AmiRequested', Source: 'amity' },
          },
        }),
      );
    await refused(schedule(undefined, 'reboots'));
    await refused(schedule('amity', 'other'));
    await schedule('amity', 'reboots');
    const remove = (GroupName?: string) =>
      clients.scheduler.send(new DeleteScheduleCommand({ Name: 'reboot', GroupName }));
    await refused(remove());
    await remove('amity');
  });

  it('reads and writes its parameters alone', async () => {
    const put = (Name: string) =>
      clients.ssm.send(new PutParameterCommand({ Name, Value: 'a', Type: 'String', Overwrite: true }));
    const get = (Name: string) => clients.ssm.send(new GetParameterCommand({ Name }));
    await put('/amity/images/service-api/latest');
    await get('/amity/images/service-api/latest');
    await refused(put('/amity/webhook-url'));
    await refused(get('/amity/webhook-url'));
  });
});

it('a launch template is what its resources are of, where the call names no others', async () => {
  const { SubnetId, ...data } = launch;
  const { IamInstanceProfile: _, TagSpecifications: __, ImageId, InstanceType, KeyName } = data;
  const group = new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' });
  const SecurityGroupIds = [String((await suite.ec2.send(group)).GroupId)];
  const LaunchTemplateName = 'templated';
  const LaunchTemplateData = { ImageId, InstanceType, KeyName, SecurityGroupIds };
  await suite.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData }));
  const by = new EC2Client(await config('templated'));
  const of = (more: Partial<RunInstancesCommandInput>) =>
    run({ LaunchTemplate: { LaunchTemplateName, Version: '1' }, ...more }, by, {});
  await of({});
  await of({ SubnetId });
  await refused(of({ ImageId }));
  await refused(of({ InstanceType: 't3.small' }));
  await refused(of({ KeyName }));
  await refused(run({ ImageId }, by, {}));
});
