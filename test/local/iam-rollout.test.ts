import {
  AutoScalingClient,
  CancelInstanceRefreshCommand,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  StartInstanceRefreshCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  ModifyLaunchTemplateCommand,
  type RequestLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { GetInstanceProfileCommand, IAMClient } from '@aws-sdk/client-iam';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allow, deploy, errorOf, imageName, role, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
const arn = (resource: string, service = 'ec2') => `arn:aws:${service}:us-east-1:000000000000:${resource}`;
const follows = { StringEquals: { 'aws:ResourceTag/amity:follow': 'service-api' } };
const viaTemplate = { ArnLike: { 'ec2:LaunchTemplate': arn('launch-template/*') } };
const launched = ['instance', 'volume', 'network-interface', 'subnet', 'security-group', 'key-pair'];
const rollout = [
  allow(['ec2:CreateLaunchTemplateVersion', 'ec2:ModifyLaunchTemplate'], arn('launch-template/*'), follows),
  allow(['ec2:DescribeLaunchTemplates', 'ec2:DescribeLaunchTemplateVersions'], '*'),
  allow(['ec2:RunInstances'], arn('launch-template/*'), follows),
  allow(
    ['ec2:RunInstances'],
    launched.map((kind) => arn(`${kind}/*`)),
    viaTemplate,
  ),
  allow(['ec2:RunInstances'], 'arn:aws:ec2:us-east-1::image/*', viaTemplate),
  allow(['ec2:CreateTags'], [arn('instance/*'), arn('volume/*')], {
    StringEquals: { 'ec2:CreateAction': 'RunInstances' },
  }),
  allow(['ec2:CreateTags'], 'arn:aws:ec2:us-east-1::image/*', {
    'ForAllValues:StringEquals': { 'aws:TagKeys': ['amity:rejected'] },
    Null: { 'aws:TagKeys': 'false', 'aws:ResourceTag/amity:instance-name': 'false' },
  }),
  allow(['iam:PassRole'], 'arn:aws:iam::000000000000:role/listed', {
    StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' },
  }),
  allow(['iam:GetInstanceProfile'], 'arn:aws:iam::000000000000:instance-profile/listed'),
  allow(['ssm:GetParameters'], arn('parameter/amity/images/*', 'ssm')),
  allow(
    ['UpdateAutoScalingGroup', 'StartInstanceRefresh', 'CancelInstanceRefresh'].map(
      (action) => `autoscaling:${action}`,
    ),
    arn('autoScalingGroup:*:autoScalingGroupName/*', 'autoscaling'),
    {
      StringEquals: {
        'autoscaling:ResourceTag/amity:refresh': 'true',
        'aws:ResourceTag/amity:refresh': 'true',
      },
    },
  ),
  allow(['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeInstanceRefreshes'], '*'),
];
const profile = (InstanceProfileName: string, Role: string) => ({
  Type: 'AWS::IAM::InstanceProfile',
  Properties: { InstanceProfileName, Roles: [{ Ref: Role }] },
});
let image: string;
let config: ConstructorParameters<typeof EC2Client>[0] & object;
let ec2: EC2Client;
let autoScaling: AutoScalingClient;
let root: AutoScalingClient;
let names = 0;

beforeAll(async () => {
  await deploy(suite, 'Rollout', {
    Rollout: role('rollout', ['lambda.amazonaws.com'], ...rollout),
    Listed: role('listed', ['ec2.amazonaws.com']),
    Other: role('other', ['ec2.amazonaws.com']),
    ListedProfile: profile('listed', 'Listed'),
    OtherProfile: profile('other', 'Other'),
  });
  root = new AutoScalingClient({ ...suite.aws.clientConfig, maxAttempts: 1 });
});

beforeEach(async () => {
  await suite.aws.control.enforceIam(true);
  image = (await suite.aws.control.addImage({ name: imageName() })).imageId;
  const credentials = await suite.aws.control.startSession('arn:aws:iam::000000000000:role/rollout');
  config = { ...suite.aws.clientConfig, credentials, maxAttempts: 1 };
  ec2 = new EC2Client(config);
  autoScaling = new AutoScalingClient(config);
});

/** A template that the role may roll out, unless the tags say otherwise. */
async function addTemplate(data: RequestLaunchTemplateData = {}, follow = 'service-api'): Promise<string> {
  names += 1;
  const Tags = [{ Key: 'amity:follow', Value: follow }];
  const command = new CreateLaunchTemplateCommand({
    LaunchTemplateName: `template-${names}`,
    LaunchTemplateData: { ImageId: image, InstanceType: 't3.micro', ...data },
    TagSpecifications: [{ ResourceType: 'launch-template', Tags }],
  });
  return (await suite.ec2.send(command)).LaunchTemplate?.LaunchTemplateId ?? '';
}
async function addGroup(LaunchTemplateId: string, refresh = 'true'): Promise<string> {
  names += 1;
  const AutoScalingGroupName = `group-${names}`;
  await root.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName,
      MinSize: 0,
      MaxSize: 1,
      AvailabilityZones: ['us-east-1a'],
      LaunchTemplate: { LaunchTemplateId, Version: '1' },
      Tags: [{ Key: 'amity:refresh', Value: refresh }],
    }),
  );
  return AutoScalingGroupName;
}
const template = (LaunchTemplateId: string, Version = '1') => ({ LaunchTemplateId, Version });
const update = (AutoScalingGroupName: string, LaunchTemplateId: string) =>
  autoScaling.send(
    new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, LaunchTemplate: template(LaunchTemplateId) }),
  );
const start = (AutoScalingGroupName: string, LaunchTemplateId: string) =>
  autoScaling.send(
    new StartInstanceRefreshCommand({
      AutoScalingGroupName,
      DesiredConfiguration: { LaunchTemplate: template(LaunchTemplateId) },
    }),
  );
const names403 = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'];
const refused = async (call: Promise<unknown>) => expect(names403).toContain((await errorOf(call)).name);
const taken = async (call: Promise<unknown>) =>
  expect(
    await call.then(
      () => 'done',
      (error: Error) => error.name,
    ),
  ).not.toMatch(/Denied|Unauthorized/);

describe('a role that rolls out', () => {
  it('makes versions of templates that follow, and describes any', async () => {
    const [mine, other] = [await addTemplate(), await addTemplate({}, 'service-worker')];
    const acts = [
      (LaunchTemplateId: string) =>
        ec2.send(
          new CreateLaunchTemplateVersionCommand({
            LaunchTemplateId,
            SourceVersion: '1',
            LaunchTemplateData: { ImageId: image },
          }),
        ),
      (LaunchTemplateId: string) =>
        ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId, DefaultVersion: '2' })),
    ];
    for (const act of acts) {
      await act(mine);
      await refused(act(other));
    }
    expect((await ec2.send(new DescribeLaunchTemplatesCommand({}))).LaunchTemplates).toHaveLength(2);
  });

  it('marks images of ours as rejected, and nothing else', async () => {
    const { imageId } = await suite.aws.control.addImage({
      name: imageName(),
      tags: { 'amity:instance-name': 'service-api' },
    });
    const tag = (id: string, Key: string) =>
      ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key, Value: 'x' }] }));
    await tag(imageId, 'amity:rejected');
    await refused(tag(imageId, 'Name'));
    await refused(tag(image, 'amity:rejected'));
  });

  it('updates, refreshes and cancels groups with the tag, and describes any', async () => {
    const id = await addTemplate();
    const [mine, other] = [await addGroup(id), await addGroup(id, 'false')];
    const cancel = (AutoScalingGroupName: string) =>
      autoScaling.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName }));
    for (const act of [update, start, cancel]) {
      await taken(act(mine, id));
      await refused(act(other, id));
    }
    await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    await taken(autoScaling.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: other })));
  });

  const tags = (ResourceType: 'instance' | 'network-interface') => ({
    TagSpecifications: [{ ResourceType, Tags: [{ Key: 'Name', Value: 'x' }] }],
  });
  it.each<[string, RequestLaunchTemplateData, RequestLaunchTemplateData]>([
    ['roles', { IamInstanceProfile: { Name: 'listed' } }, { IamInstanceProfile: { Name: 'other' } }],
    ['tags', tags('instance'), tags('network-interface')],
    [
      'parameters',
      { ImageId: 'resolve:ssm:/amity/images/service-api/latest' },
      { ImageId: 'resolve:ssm:/golden' },
    ],
  ])('launches with %s that it may use itself, and with no others', async (_, may, mayNot) => {
    for (const Name of ['/amity/images/service-api/latest', '/golden']) {
      const ssm = new SSMClient(suite.aws.clientConfig);
      await ssm.send(new PutParameterCommand({ Name, Value: image, Type: 'String', Overwrite: true }));
    }
    const [mine, other] = [await addTemplate(may), await addTemplate(mayNot)];
    for (const act of [update, start]) {
      await taken(act(await addGroup(mine), mine));
      await refused(act(await addGroup(mine), other));
    }
    const group = await addGroup(other);
    // Of what the group has, where the refresh says nothing else.
    await refused(autoScaling.send(new StartInstanceRefreshCommand({ AutoScalingGroupName: group })));
    const sizes = { AutoScalingGroupName: group, MaxSize: 2 };
    await autoScaling.send(new UpdateAutoScalingGroupCommand(sizes));
  });

  it('launches by templates that follow, with their overrides too', async () => {
    const [mine, other] = [await addTemplate(), await addTemplate({}, 'service-worker')];
    const mixed = async (id: string) =>
      autoScaling.send(
        new StartInstanceRefreshCommand({
          AutoScalingGroupName: await addGroup(mine),
          DesiredConfiguration: {
            MixedInstancesPolicy: {
              LaunchTemplate: {
                LaunchTemplateSpecification: template(mine),
                Overrides: [
                  { InstanceType: 't3.small' },
                  { InstanceType: 't3.large', LaunchTemplateSpecification: template(id) },
                ],
              },
            },
          },
        }),
      );
    await taken(mixed(mine));
    await refused(mixed(other));
    await refused(update(await addGroup(mine), other));
  });

  it('resolves only what it may read, and looks at listed profiles', async () => {
    const id = await addTemplate({ ImageId: 'resolve:ssm:/golden' });
    const describe = (ResolveAlias: boolean) =>
      ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, ResolveAlias }));
    await describe(false);
    await refused(describe(true));
    const iam = new IAMClient(config);
    const get = (InstanceProfileName: string) =>
      iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    expect((await get('listed')).InstanceProfile?.Roles).toMatchObject([{ RoleName: 'listed' }]);
    await refused(get('other'));
  });
});
