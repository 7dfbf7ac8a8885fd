import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeleteTagsCommand,
  DeregisterImageCommand,
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  DescribeTagsCommand,
  ListImagesInRecycleBinCommand,
  ListSnapshotsInRecycleBinCommand,
  RestoreImageFromRecycleBinCommand,
  RestoreSnapshotFromRecycleBinCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeImage, errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
const day = 86_400_000;
const ours = { 'amity:instance-name': 'service-api' };
let cloudFormation: CloudFormationClient;

const rule = (ResourceType: string, days: number, more: object) => ({
  Type: 'AWS::Rbin::Rule',
  Properties: {
    ResourceType,
    RetentionPeriod: { RetentionPeriodValue: days, RetentionPeriodUnit: 'DAYS' },
    ...more,
  },
});
const tagged = { ResourceTags: [{ ResourceTagKey: 'amity:instance-name' }] };
const valued = { ResourceTags: [{ ResourceTagKey: 'keep', ResourceTagValue: 'long' }] };

async function deploy(StackName: string, Resources: object): Promise<string | undefined> {
  const TemplateBody = JSON.stringify({
    Resources,
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Images', 'Arn'] } } },
  });
  await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody }));
  const stack = await vi.waitFor(async () => {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    expect(Stacks?.[0]?.StackStatus).toMatch(/_(COMPLETE|FAILED)$/);
    return Stacks?.[0];
  });
  return stack?.StackStatus === 'CREATE_COMPLETE' ? stack.Outputs?.[0]?.OutputValue : stack?.StackStatus;
}

beforeAll(async () => {
  cloudFormation = new CloudFormationClient(suite.aws.clientConfig);
  const arn = await deploy('Bin', {
    Images: rule('EC2_IMAGE', 7, tagged),
    Snapshots: rule('EBS_SNAPSHOT', 8, tagged),
    Long: rule('EC2_IMAGE', 30, valued),
  });
  expect(arn).toMatch(/^arn:aws:rbin:us-east-1:000000000000:rule\/[0-9a-zA-Z]{11}$/);
});
afterAll(() => cloudFormation.send(new DeleteStackCommand({ StackName: 'Bin' })));

const deregister = (ImageId: string) =>
  suite.ec2.send(new DeregisterImageCommand({ ImageId, DeleteAssociatedSnapshots: true }));
const deleteSnapshot = (SnapshotId: string) => suite.ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
const binned = async () => (await suite.ec2.send(new ListImagesInRecycleBinCommand({}))).Images ?? [];
const binnedSnapshots = async () =>
  (await suite.ec2.send(new ListSnapshotsInRecycleBinCommand({}))).Snapshots ?? [];
const restore = (ImageId: string) => suite.ec2.send(new RestoreImageFromRecycleBinCommand({ ImageId }));
const restoreSnapshot = (SnapshotId: string) =>
  suite.ec2.send(new RestoreSnapshotFromRecycleBinCommand({ SnapshotId }));
async function tagsOf(id: string) {
  const Filters = [{ Name: 'resource-id', Values: [id] }];
  const { Tags = [] } = await suite.ec2.send(new DescribeTagsCommand({ Filters }));
  return Object.fromEntries(Tags.map((each) => [each.Key, each.Value]));
}
const snapshotState = async (id: string) =>
  (await suite.ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }))).Snapshots?.[0]?.State;

describe('the Recycle Bin', () => {
  it('takes an image and its snapshots that a rule retains, for as long as it says', async () => {
    const { imageId, snapshotIds } = await suite.aws.control.addImage({
      name: 'old',
      description: 'ours',
      tags: ours,
    });
    const { DeleteSnapshotResults } = await deregister(imageId);
    expect(DeleteSnapshotResults?.[0]?.ReturnCode).toBe('success');
    const [image] = await binned();
    expect(image).toMatchObject({ ImageId: imageId, Name: 'old', Description: 'ours' });
    expect(Number(image?.RecycleBinExitTime) - Number(image?.RecycleBinEnterTime)).toBe(7 * day);
    const [snapshot] = await binnedSnapshots();
    expect(snapshot).toMatchObject({ SnapshotId: snapshotIds[0], VolumeId: expect.stringMatching(/^vol-/) });
    expect(Number(snapshot?.RecycleBinExitTime) - Number(snapshot?.RecycleBinEnterTime)).toBe(8 * day);
    expect(await tagsOf(imageId)).toEqual({ ...ours, 'aws:recycle-bin:resource-in-bin': 'true' });
    const all = await suite.ec2.send(new DescribeImagesCommand({ Owners: ['self'], IncludeDisabled: true }));
    expect(all.Images).toEqual([]);
    expect((await errorOf(describeImage(suite, imageId))).name).toBe('InvalidAMIID.Unavailable');
    expect((await errorOf(snapshotState(String(snapshotIds[0])))).name).toBe('InvalidSnapshot.NotFound');
    expect((await errorOf(deregister(imageId))).name).toBe('InvalidAMIID.Unavailable');
  });

  it('takes nothing else, and the longest period counts', async () => {
    const plain = await suite.aws.control.addImage({ name: 'plain', tags: { keep: 'short' } });
    await deregister(plain.imageId);
    const long = await suite.aws.control.addImage({ name: 'long', tags: { ...ours, keep: 'long' } });
    await suite.ec2.send(new DeregisterImageCommand({ ImageId: long.imageId }));
    const found = await binned();
    expect(found.map((each) => each.Name)).toEqual(['long']);
    expect(Number(found[0]?.RecycleBinExitTime) - Number(found[0]?.RecycleBinEnterTime)).toBe(30 * day);
    expect(await binnedSnapshots()).toEqual([]);
    expect(await snapshotState(String(long.snapshotIds[0]))).toBe('completed');
    expect(await tagsOf(plain.imageId)).toEqual({});
  });

  it('gives an image back with its tags and sharing, once its snapshots are back and available', async () => {
    const launchPermissions = [{ UserId: '111111111111' }];
    const { imageId, snapshotIds } = await suite.aws.control.addImage({
      name: 'old',
      tags: ours,
      snapshots: 2,
      launchPermissions,
    });
    await deregister(imageId);
    const [first = '', second = ''] = snapshotIds;
    expect((await errorOf(restore(imageId))).name).toBe('InvalidSnapshot.NotFound');
    expect(await restoreSnapshot(first)).toMatchObject({ SnapshotId: first, State: 'recovering' });
    expect((await errorOf(restoreSnapshot(first))).name).toBe('InvalidSnapshot.NotFound');
    expect((await errorOf(restore(imageId))).name).toMatch(/^(IncorrectState|InvalidSnapshot.NotFound)$/);
    await restoreSnapshot(second);
    expect((await errorOf(restore(imageId))).name).toBe('IncorrectState');
    await vi.waitFor(async () => expect(await snapshotState(second)).toBe('completed'));
    expect(await restore(imageId)).toMatchObject({ Return: true });
    const image = await describeImage(suite, imageId);
    expect(image.State).toBe('available');
    expect(image.Tags).toEqual([{ Key: 'amity:instance-name', Value: 'service-api' }]);
    const Attribute = 'launchPermission' as const;
    const shared = await suite.ec2.send(new DescribeImageAttributeCommand({ ImageId: imageId, Attribute }));
    expect(shared.LaunchPermissions).toEqual(launchPermissions);
    expect(await binned()).toEqual([]);
    expect(await tagsOf(first)).toEqual(ours);
    expect((await errorOf(restore(imageId))).name).toBe('InvalidAMIID.NotFound');
  });

  it('lets tags be changed in it, but for its own', async () => {
    const { imageId, snapshotIds } = await suite.aws.control.addImage({ name: 'old', tags: ours });
    await deregister(imageId);
    const Resources = [imageId, ...snapshotIds];
    await suite.ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'seen', Value: '1' }] }));
    await suite.ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'amity:instance-name' }] }));
    const own = { Key: 'aws:recycle-bin:resource-in-bin' };
    const removeOwn = suite.ec2.send(new DeleteTagsCommand({ Resources, Tags: [own] }));
    expect((await errorOf(removeOwn)).name).toBe('InvalidParameterValue');
    expect(await tagsOf(imageId)).toEqual({ seen: '1', [own.Key]: 'true' });
  });

  it('takes a lone snapshot, and is empty when its time has run out', async () => {
    const { snapshotId } = await suite.aws.control.retention.addSnapshot({ tags: ours });
    const { imageId } = await suite.aws.control.addImage({ name: 'old', tags: ours });
    await deleteSnapshot(snapshotId);
    await deregister(imageId);
    expect(await binnedSnapshots()).toHaveLength(2);
    await suite.aws.control.retention.emptyRecycleBin();
    expect([...(await binned()), ...(await binnedSnapshots())]).toEqual([]);
    expect((await errorOf(restore(imageId))).name).toBe('InvalidAMIID.NotFound');
    expect((await errorOf(restoreSnapshot(snapshotId))).name).toBe('InvalidSnapshot.NotFound');
    expect(await tagsOf(imageId)).toEqual({});
  });

  it('does not give back an image whose name another has by now', async () => {
    const { imageId } = await suite.aws.control.addImage({ name: 'old', tags: ours, snapshots: 0 });
    await deregister(imageId);
    await suite.aws.control.addImage({ name: 'old' });
    expect((await errorOf(restore(imageId))).name).toBe('InvalidAMIName.Duplicate');
  });

  it('lists pages, and by id', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 6; i += 1) {
      const { snapshotId } = await suite.aws.control.retention.addSnapshot({ tags: ours });
      await deleteSnapshot(snapshotId);
      ids.push(snapshotId);
    }
    const list = (input: object) => suite.ec2.send(new ListSnapshotsInRecycleBinCommand(input));
    const first = await list({ MaxResults: 5 });
    const second = await list({ MaxResults: 5, NextToken: first.NextToken });
    expect([first.Snapshots?.length, second.Snapshots?.length, second.NextToken]).toEqual([5, 1, undefined]);
    expect((await list({ SnapshotIds: ids.slice(1, 2) })).Snapshots).toHaveLength(1);
    expect((await errorOf(list({ MaxResults: 4 }))).name).toBe('InvalidParameterValue');
  });

  it('has rules for a region, with exclusions, and refuses those that cannot be', async () => {
    const ExcludeResourceTags = [{ ResourceTagKey: 'amity:no-bin' }];
    const both = rule('EC2_IMAGE', 7, { ...tagged, ExcludeResourceTags });
    expect(await deploy('Both', { Images: both })).toMatch(/ROLLBACK_COMPLETE|FAILED/);
    expect(await deploy('Never', { Images: rule('EC2_IMAGE', 0, tagged) })).toMatch(
      /ROLLBACK_COMPLETE|FAILED/,
    );
    await deploy('Region', { Images: rule('EC2_IMAGE', 1, { ExcludeResourceTags }) });
    for (const name of ['any', 'excluded']) {
      const tags = name === 'any' ? {} : { 'amity:no-bin': 'yes' };
      await deregister((await suite.aws.control.addImage({ name, tags })).imageId);
    }
    expect((await binned()).map((each) => each.Name)).toEqual(['any']);
    await cloudFormation.send(new DeleteStackCommand({ StackName: 'Region' }));
    await vi.waitFor(async () => {
      const described = cloudFormation.send(new DescribeStacksCommand({ StackName: 'Region' }));
      expect((await errorOf(described)).name).toBe('ValidationError');
    });
    await deregister((await suite.aws.control.addImage({ name: 'later' })).imageId);
    expect((await binned()).map((each) => each.Name)).toEqual(['any']);
  });
});
