import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CreateImageUsageReportCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DeregisterImageCommand,
  DescribeImageAttributeCommand,
  DisableImageCommand,
  EC2Client,
  EnableImageCommand,
  EnableImageDeprecationCommand,
  ListImagesInRecycleBinCommand,
  ModifyImageAttributeCommand,
  RestoreImageFromRecycleBinCommand,
  RestoreSnapshotFromRecycleBinCommand,
} from '@aws-sdk/client-ec2';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
const ours = { 'amity:instance-name': 'service-api' };
const images = 'arn:aws:ec2:us-east-1::image/*';
const snapshots = 'arn:aws:ec2:us-east-1::snapshot/*';
const reports = 'arn:aws:ec2:us-east-1:000000000000:image-usage-report/*';
const tagged = { Null: { 'aws:ResourceTag/amity:instance-name': 'false' } };
let ec2: EC2Client;

const allow = (Action: string[], Resource: string | string[], Condition: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
});
const Statement = [
  allow(
    [
      'ec2:DeregisterImage',
      'ec2:EnableImageDeprecation',
      'ec2:DisableImage',
      'ec2:EnableImage',
      'ec2:ModifyImageAttribute',
      'ec2:DescribeImageAttribute',
      'ec2:RestoreImageFromRecycleBin',
      'ec2:CreateImageUsageReport',
    ],
    images,
    tagged,
  ),
  allow(['ec2:DeleteSnapshot', 'ec2:RestoreSnapshotFromRecycleBin'], snapshots, tagged),
  allow(['ec2:CreateImageUsageReport'], reports, { StringEquals: { 'aws:RequestTag/made-by': 'amity' } }),
  allow(['ec2:CreateTags'], reports, { StringEquals: { 'ec2:CreateAction': 'CreateImageUsageReport' } }),
  allow(['ec2:CreateTags', 'ec2:DeleteTags'], [images, snapshots], {
    ...tagged,
    'ForAllValues:StringEquals': { 'aws:TagKeys': ['amity:stage'] },
  }),
  allow(['ec2:ListImagesInRecycleBin'], '*'),
];
const AssumeRolePolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '000000000000' }, Action: 'sts:AssumeRole' }],
};
const rule = (ResourceType: string) => ({
  Type: 'AWS::Rbin::Rule',
  Properties: { ResourceType, RetentionPeriod: { RetentionPeriodValue: 7, RetentionPeriodUnit: 'DAYS' } },
});

beforeAll(async () => {
  const cloudFormation = new CloudFormationClient(suite.aws.clientConfig);
  const Policies = [{ PolicyName: 'p', PolicyDocument: { Version: '2012-10-17', Statement } }];
  const Resources = {
    Images: rule('EC2_IMAGE'),
    Snapshots: rule('EBS_SNAPSHOT'),
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: { RoleName: 'retention', AssumeRolePolicyDocument, Policies },
    },
  };
  const input = { StackName: 'Role', TemplateBody: JSON.stringify({ Resources }) };
  await cloudFormation.send(new CreateStackCommand({ ...input, Capabilities: ['CAPABILITY_NAMED_IAM'] }));
  await vi.waitFor(async () => {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'Role' }));
    expect(Stacks?.[0]?.StackStatus).toBe('CREATE_COMPLETE');
  });
});

beforeEach(async () => {
  await suite.aws.control.enforceIam(true);
  const credentials = await suite.aws.control.startSession('arn:aws:iam::000000000000:role/retention');
  ec2 = new EC2Client({ ...suite.aws.clientConfig, credentials, maxAttempts: 1 });
});

const refused = async (call: Promise<unknown>) =>
  expect((await errorOf(call)).name).toBe('UnauthorizedOperation');
async function twoImages() {
  const { control } = suite.aws;
  return {
    mine: await control.addImage({ name: 'mine', tags: ours }),
    other: await control.addImage({ name: 'other', tags: { Name: 'x' } }),
  };
}

describe('a role for retention', () => {
  it.each([
    [
      'deprecates',
      (ImageId: string) => ec2.send(new EnableImageDeprecationCommand({ ImageId, DeprecateAt: soon() })),
    ],
    ['disables', (ImageId: string) => ec2.send(new DisableImageCommand({ ImageId }))],
    ['reads sharing of', (ImageId: string) => ec2.send(readSharing(ImageId))],
    ['shares', (ImageId: string) => ec2.send(share(ImageId))],
  ])('%s only what carries the tag', async (_, act) => {
    const { mine, other } = await twoImages();
    await act(mine.imageId);
    await refused(act(other.imageId));
  });

  it('enables only what carries the tag', async () => {
    const { mine, other } = await twoImages();
    for (const { imageId } of [mine, other]) {
      await suite.ec2.send(new DisableImageCommand({ ImageId: imageId }));
      const enable = ec2.send(new EnableImageCommand({ ImageId: imageId }));
      if (imageId === mine.imageId) await enable;
      else await refused(enable);
    }
  });

  it('restores from the Recycle Bin only what carries the tag, which it still has there', async () => {
    const { mine, other } = await twoImages();
    for (const { imageId, snapshotIds } of [mine, other]) {
      const input = { ImageId: imageId, DeleteAssociatedSnapshots: true };
      await suite.ec2.send(new DeregisterImageCommand(input));
      const snapshot = ec2.send(new RestoreSnapshotFromRecycleBinCommand({ SnapshotId: snapshotIds[0] }));
      const restore = () => ec2.send(new RestoreImageFromRecycleBinCommand({ ImageId: imageId }));
      if (imageId === mine.imageId) {
        await snapshot;
        await vi.waitFor(restore, { timeout: 3000, interval: 100 });
      } else {
        await refused(snapshot);
        await refused(restore());
      }
    }
    const { Images } = await ec2.send(new ListImagesInRecycleBinCommand({}));
    expect(Images?.map((each) => each.Name)).toEqual(['other']);
  });

  it('changes its own tag on what is ours, and no other tag and nothing else', async () => {
    const { mine, other } = await twoImages();
    const tag = (Resources: string[], Key: string) =>
      ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key, Value: 'disabled' }] }));
    const untag = (Resources: string[], Key: string) =>
      ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key }] }));
    for (const change of [tag, untag]) {
      await change([mine.imageId, ...mine.snapshotIds], 'amity:stage');
      await refused(change([mine.imageId], 'amity:keep'));
      await refused(change([mine.imageId, other.imageId], 'amity:stage'));
    }
  });

  it('asks for reports with the tag that its policy wants, of what is ours', async () => {
    const { mine, other } = await twoImages();
    const report = (ImageId: string, Value: string) =>
      ec2.send(
        new CreateImageUsageReportCommand({
          ImageId,
          ResourceTypes: [{ ResourceType: 'ec2:Instance' }],
          TagSpecifications: [{ ResourceType: 'image-usage-report', Tags: [{ Key: 'made-by', Value }] }],
        }),
      );
    await report(mine.imageId, 'amity');
    await refused(report(mine.imageId, 'others'));
    await refused(report(other.imageId, 'amity'));
  });
});

const soon = () => new Date(Date.now() + 86_400_000);
const readSharing = (ImageId: string) =>
  new DescribeImageAttributeCommand({ ImageId, Attribute: 'launchPermission' });
const share = (ImageId: string) =>
  new ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Add: [{ UserId: '111111111111' }] } });
