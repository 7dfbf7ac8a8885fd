import {
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  GetConsoleOutputCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allow, deploy, errorOf, role, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
const ImageId = 'ami-0a1b2c3d4e5f60789';
const parameter = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
const arn = (resource: string) => `arn:aws:ec2:us-east-1:000000000000:${resource}`;
const ours = { Null: { 'aws:ResourceTag/amity:builder': 'false' } };
const asked = { Null: { 'aws:RequestTag/amity:builder': 'false' } };
const creating = { StringEquals: { 'ec2:CreateAction': ['RunInstances', 'CreateSecurityGroup'] } };
const made = [arn('instance/*'), arn('volume/*'), arn('network-interface/*')];
const launcher = [
  allow(['ec2:RunInstances'], arn('instance/*'), {
    ...asked,
    StringEquals: { 'ec2:MetadataHttpTokens': 'required' },
  }),
  allow(['ec2:RunInstances'], [arn('volume/*'), arn('network-interface/*')], asked),
  allow(['ec2:RunInstances'], [arn('subnet/*'), arn('security-group/*')]),
  allow(['ec2:RunInstances'], 'arn:aws:ec2:us-east-1::image/*', { StringEquals: { 'ec2:Owner': 'amazon' } }),
  allow(['ec2:CreateTags'], [...made, arn('security-group/*')], creating),
  allow(['iam:PassRole'], 'arn:aws:iam::000000000000:role/listed', {
    StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' },
  }),
  allow(['ec2:StopInstances', 'ec2:TerminateInstances', 'ec2:GetConsoleOutput'], arn('instance/*'), ours),
  allow(['ec2:CreateSecurityGroup'], arn('security-group/*'), asked),
  allow(['ec2:CreateSecurityGroup'], arn('vpc/*')),
  allow(['ec2:DeleteSecurityGroup'], arn('security-group/*'), ours),
  allow(['ec2:DescribeInstances', 'ec2:DescribeSubnets'], '*'),
  allow(['ssm:GetParameter'], 'arn:aws:ssm:us-east-1::parameter/aws/service/*'),
  allow(['s3:GetObject'], 'arn:aws:s3:::scripts/bake/*'),
];
const profile = (InstanceProfileName: string, Role: string) => ({
  Type: 'AWS::IAM::InstanceProfile',
  Properties: { InstanceProfileName, Roles: [{ Ref: Role }] },
});
let ec2: EC2Client;
let s3: S3Client;
let ssm: SSMClient;

beforeAll(async () => {
  await deploy(suite, 'Launcher', {
    Launcher: role('launcher', ['lambda.amazonaws.com'], ...launcher),
    Listed: role('listed', ['ec2.amazonaws.com']),
    Other: role('other', ['ec2.amazonaws.com']),
    ListedProfile: profile('listed', 'Listed'),
    OtherProfile: profile('other', 'Other'),
  });
  const root = new S3Client(suite.aws.clientConfig);
  await root.send(new CreateBucketCommand({ Bucket: 'scripts' }));
  for (const Key of ['bake/a.sh', 'private/a.sh'])
    await root.send(new PutObjectCommand({ Bucket: 'scripts', Key, Body: 'echo a' }));
});

beforeEach(async () => {
  await suite.aws.control.enforceIam(true);
  await suite.aws.control.setLimit('RunInstances', null);
  const credentials = await suite.aws.control.startSession('arn:aws:iam::000000000000:role/launcher');
  const config = { ...suite.aws.clientConfig, credentials, maxAttempts: 1 };
  ec2 = new EC2Client(config);
  s3 = new S3Client(config);
  ssm = new SSMClient(config);
});

const Tags = [{ Key: 'amity:builder', Value: 'request' }];
const tagged = (...kinds: ('instance' | 'volume' | 'network-interface')[]) =>
  kinds.map((ResourceType) => ({ ResourceType, Tags }));

async function run(more: Partial<RunInstancesCommandInput> = {}): Promise<string> {
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      IamInstanceProfile: { Name: 'listed' },
      MetadataOptions: { HttpTokens: 'required' },
      TagSpecifications: tagged('instance', 'volume', 'network-interface'),
      ...more,
    }),
  );
  return String(Instances[0]?.InstanceId);
}
const refused = async (call: Promise<unknown>) =>
  expect((await errorOf(call)).name).toBe('UnauthorizedOperation');

describe('a role that starts builders', () => {
  it('does with all that its policy asks for', async () => {
    const InstanceIds = [await run()];
    const found = await ec2.send(new DescribeInstancesCommand({ InstanceIds }));
    expect(found.Reservations?.[0]?.Instances).toHaveLength(1);
    expect((await ec2.send(new DescribeSubnetsCommand({}))).Subnets?.length).toBeGreaterThan(0);
  });

  it.each<[string, Partial<RunInstancesCommandInput>]>([
    ['tags on its volumes', { TagSpecifications: tagged('instance', 'network-interface') }],
    ['tags', { TagSpecifications: [] }],
    ['the second version of the metadata', { MetadataOptions: { HttpTokens: 'optional' } }],
    ['metadata options', { MetadataOptions: {} }],
    ["an image of Amazon's", { ImageId: 'ami-0a1b2c3d4e5f60791' }],
    ['a role that it may pass', { IamInstanceProfile: { Name: 'other' } }],
  ])('does not without %s', async (_, more) => {
    await refused(run(more));
  });

  it('stops, reads and terminates only what carries the tag', async () => {
    const mine = await run();
    const { instanceId: other } = await suite.aws.control.startInstance({ tags: { Name: 'x' } });
    await suite.aws.control.changeInstance(mine, { state: 'running' });
    const acts = [
      (id: string) => ec2.send(new GetConsoleOutputCommand({ InstanceId: id })),
      (id: string) => ec2.send(new StopInstancesCommand({ InstanceIds: [id] })),
      (id: string) => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })),
    ];
    for (const act of acts) {
      await act(mine);
      await refused(act(other));
    }
    await refused(ec2.send(new TerminateInstancesCommand({ InstanceIds: [mine, other] })));
  });

  it('tags nothing but what it makes', async () => {
    const { instanceId } = await suite.aws.control.startInstance({});
    await refused(ec2.send(new CreateTagsCommand({ Resources: [instanceId], Tags })));
  });

  it('makes and deletes security groups that carry the tag', async () => {
    const create = (GroupName: string, TagSpecifications: object[]) =>
      ec2.send(
        new CreateSecurityGroupCommand({
          GroupName,
          Description: 'a builder',
          TagSpecifications: TagSpecifications as never,
        }),
      );
    const group = [{ ResourceType: 'security-group', Tags }];
    const { GroupId } = await create('mine', group);
    await refused(create('untagged', []));
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    const other = new CreateSecurityGroupCommand({ GroupName: 'other', Description: 'x' });
    const { GroupId: theirs } = await suite.ec2.send(other);
    await refused(ec2.send(new DeleteSecurityGroupCommand({ GroupId: theirs })));
  });

  it('reads public parameters, whose ARN has no account, and no others', async () => {
    const get = (Name: string) => ssm.send(new GetParameterCommand({ Name }));
    expect((await get(parameter)).Parameter?.Value).toBe(ImageId);
    expect((await errorOf(get('/golden'))).name).toBe('AccessDeniedException');
  });

  it('reads the objects that it may, also by a URL that it has signed', async () => {
    const of = (Key: string) => new GetObjectCommand({ Bucket: 'scripts', Key });
    expect(await (await s3.send(of('bake/a.sh'))).Body?.transformToString()).toBe('echo a');
    expect((await errorOf(s3.send(of('private/a.sh')))).name).toBe('AccessDenied');
    const status = async (key: string) => (await fetch(await getSignedUrl(s3, of(key)))).status;
    expect(await status('bake/a.sh')).toBe(200);
    expect(await status('private/a.sh')).toBe(403);
  });
});
