import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  CopyImageCommand,
  CreateLaunchTemplateCommand,
  DeregisterImageCommand,
  DescribeImageReferencesCommand,
  DescribeImagesCommand,
  DescribeImageUsageReportsCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
const region = 'eu-central-1';
let there: EC2Client;
beforeAll(() => {
  there = new EC2Client({ ...suite.aws.clientConfig, region, maxAttempts: 1 });
});

const names = async (client: EC2Client) => {
  const { Images = [] } = await client.send(new DescribeImagesCommand({ Owners: ['self'] }));
  return Images.map((each) => each.Name);
};
const arns = async (client: EC2Client, imageId: string) => {
  const input = { ImageIds: [imageId], IncludeAllResourceTypes: true };
  const { ImageReferences = [] } = await client.send(new DescribeImageReferencesCommand(input));
  return ImageReferences.map((each) => each.Arn);
};

describe('two regions', () => {
  it('have images, snapshots and instances of their own', async () => {
    const { control } = suite.aws;
    const image = await control.addImage({ name: 'image', region });
    await control.addImage({ name: 'image' });
    await control.retention.addSnapshot({ region });
    const { instanceId } = await control.startInstance({ imageId: image.imageId, region });
    expect([await names(there), await names(suite.ec2)]).toEqual([['image'], ['image']]);
    expect((await control.images({ region })).map((each) => each.imageId)).toEqual([image.imageId]);
    expect(await control.instances()).toEqual([]);
    const count = async (client: EC2Client) =>
      (await client.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))).Snapshots?.length;
    expect([await count(there), await count(suite.ec2)]).toEqual([2, 1]);
    const described = suite.ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
    expect((await errorOf(described)).name).toBe('InvalidInstanceID.NotFound');
    await control.changeImage(image.imageId, { state: 'disabled', region });
    expect(await names(there)).toEqual([]);
    const deregister = new DeregisterImageCommand({ ImageId: image.imageId });
    expect((await errorOf(suite.ec2.send(deregister))).name).toBe('InvalidAMIID.NotFound');
  });

  it('have uses, reports, templates and groups of their own', async () => {
    const { control } = suite.aws;
    const { imageId } = await control.addImage({ name: 'image', region });
    const recipe = await control.retention.addRecipe({ imageId, region });
    await control.retention.addUsageReport({ imageId, region });
    const LaunchTemplateData = { ImageId: imageId };
    const create = new CreateLaunchTemplateCommand({ LaunchTemplateName: 'web', LaunchTemplateData });
    const { LaunchTemplate } = await there.send(create);
    const put = new PutParameterCommand({ Name: '/golden', Value: imageId, Type: 'String' });
    await new SSMClient({ ...suite.aws.clientConfig, region }).send(put);
    expect(await arns(there, imageId)).toEqual([
      `arn:aws:ec2:${region}:000000000000:launch-template/${LaunchTemplate?.LaunchTemplateId}`,
      `arn:aws:ssm:${region}:000000000000:parameter/golden`,
      recipe.arn,
    ]);
    expect((await errorOf(arns(suite.ec2, imageId))).name).toBe('InvalidAMIID.NotFound');
    const templates = await suite.ec2.send(new DescribeLaunchTemplatesCommand({}));
    const reports = await suite.ec2.send(new DescribeImageUsageReportsCommand({}));
    expect([templates.LaunchTemplates, reports.ImageUsageReports]).toEqual([[], []]);
    const groups = new AutoScalingClient({ ...suite.aws.clientConfig, region });
    expect((await groups.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups).toEqual([]);
  });

  it('copy images from one to the other, which says where from, pending too', async () => {
    const { control } = suite.aws;
    await control.setPending(null);
    const source = await control.addImage({ name: 'source', tags: { a: 'b' } });
    const input = { Name: 'copy', SourceImageId: source.imageId, SourceRegion: 'us-east-1' };
    const { ImageId = '' } = await there.send(new CopyImageCommand({ ...input, CopyImageTags: true }));
    const describe = async () =>
      (await there.send(new DescribeImagesCommand({ ImageIds: [ImageId] }))).Images?.[0];
    const from = { SourceImageId: source.imageId, SourceImageRegion: 'us-east-1' };
    expect(await describe()).toMatchObject({ ...from, State: 'pending', Tags: [{ Key: 'a', Value: 'b' }] });
    await control.changeImage(ImageId, { state: 'available', region });
    await vi.waitFor(async () => expect(await describe()).toMatchObject({ ...from, State: 'available' }));
    expect(await names(suite.ec2)).toEqual(['source']);
  });

  it('have token buckets of their own', async () => {
    await suite.aws.control.setLimit('DescribeImages', { size: 1, refill: 0.001 });
    await names(suite.ec2);
    expect((await errorOf(names(suite.ec2))).name).toBe('RequestLimitExceeded');
    expect(await names(there)).toEqual([]);
  });

  it('are both emptied by reset', async () => {
    await suite.aws.control.addImage({ name: 'image', region });
    await suite.aws.control.reset({ ec2: true });
    expect(await suite.aws.control.images({ region })).toEqual([]);
  });
});
