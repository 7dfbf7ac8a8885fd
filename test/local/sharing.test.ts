import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeImageAttributeCommand,
  DescribeSnapshotsCommand,
  DisableImageCommand,
  EnableImageCommand,
  type LaunchPermission,
  ModifyImageAttributeCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { createImage, describeImage, errorOf, untilState, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
const organization = { OrganizationArn: 'arn:aws:organizations::111111111111:organization/o-abcdefghij' };
const unit = {
  OrganizationalUnitArn: 'arn:aws:organizations::111111111111:ou/o-abcdefghij/ou-ab12-12345678',
};
const account = { UserId: '111111111111' };
const everybody = { Group: 'all' as const };

const share = (ImageId: string, Add: LaunchPermission[], Remove: LaunchPermission[] = []) =>
  suite.ec2.send(new ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Add, Remove } }));
async function permissions(ImageId: string) {
  const Attribute = 'launchPermission' as const;
  return (await suite.ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute }))).LaunchPermissions;
}

describe('launch permissions', () => {
  it('are added once and removed, for accounts, organizations, units and everybody', async () => {
    const { imageId } = await suite.aws.control.addImage({ name: 'shared' });
    expect(await permissions(imageId)).toEqual([]);
    await share(imageId, [account, organization, unit]);
    await share(imageId, [account]);
    expect(await permissions(imageId)).toEqual([account, organization, unit]);
    expect((await describeImage(suite, imageId)).Public).toBe(false);
    await share(imageId, [everybody], [organization]);
    expect(await permissions(imageId)).toEqual([account, unit, everybody]);
    expect((await describeImage(suite, imageId)).Public).toBe(true);
  });

  it('are changed in the older form of the call too', async () => {
    const { imageId } = await suite.aws.control.addImage({ name: 'shared' });
    const input = { ImageId: imageId, Attribute: 'launchPermission', UserIds: ['111111111111'] };
    await suite.ec2.send(new ModifyImageAttributeCommand({ ...input, OperationType: 'add' }));
    expect(await permissions(imageId)).toEqual([account]);
    await suite.ec2.send(new ModifyImageAttributeCommand({ ...input, OperationType: 'remove' }));
    expect(await permissions(imageId)).toEqual([]);
  });

  it.each([
    ['an account', { UserId: '123' }],
    ['an organization', { OrganizationArn: 'o-abcdefghij' }],
  ])('are refused for %s that cannot be', async (_, permission) => {
    const { imageId } = await suite.aws.control.addImage({ name: 'shared' });
    expect((await errorOf(share(imageId, [account, permission]))).name).toBe('InvalidAMIAttributeItemValue');
    expect(await permissions(imageId)).toEqual([]);
    expect((await errorOf(share(imageId, []))).name).toBe('MissingParameter');
  });

  it('are gone for good when the image is disabled, which cannot be shared', async () => {
    const { imageId } = await suite.aws.control.addImage({ name: 'shared' });
    await share(imageId, [account, everybody]);
    await suite.ec2.send(new DisableImageCommand({ ImageId: imageId }));
    expect(await permissions(imageId)).toEqual([]);
    expect((await errorOf(share(imageId, [account]))).name).toBe('InvalidAMIID.Unavailable');
    await suite.ec2.send(new EnableImageCommand({ ImageId: imageId }));
    expect(await permissions(imageId)).toEqual([]);
    expect(await describeImage(suite, imageId)).toMatchObject({ Public: false, State: 'available' });
    await share(imageId, [account]);
  });
});

describe('tags', () => {
  const tag = (Resources: string[], Key: string, Value: string) =>
    suite.ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key, Value }] }));
  const tagsOf = async (imageId: string) => (await describeImage(suite, imageId)).Tags;

  it.each(['pending', 'available', 'disabled', 'failed'])(
    'are put on a %s image and taken off',
    async (state) => {
      const { imageId, snapshotIds } = await suite.aws.control.addImage({ name: 'tagged', state });
      const Resources = [imageId, ...snapshotIds];
      const { ec2 } = suite;
      await tag(Resources, 'a', '1');
      await tag(Resources, 'a', '2');
      const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: snapshotIds }));
      expect(Snapshots?.[0]?.Tags).toEqual([{ Key: 'a', Value: '2' }]);
      await ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'a', Value: 'other' }] }));
      await suite.aws.control.changeImage(imageId, { state: 'available' });
      expect(await tagsOf(imageId)).toEqual([{ Key: 'a', Value: '2' }]);
      await ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'a' }] }));
      expect(await tagsOf(imageId)).toBeUndefined();
      await tag(Resources, 'b', '1');
      await ec2.send(new DeleteTagsCommand({ Resources }));
      expect(await tagsOf(imageId)).toBeUndefined();
    },
  );

  it("are refused on what is not there, and under AWS's own prefix", async () => {
    expect((await errorOf(tag(['ami-0123456789abcdef0'], 'a', 'b'))).name).toBe('InvalidAMIID.NotFound');
    expect((await errorOf(tag(['snap-0123456789abcdef0'], 'a', 'b'))).name).toBe('InvalidSnapshot.NotFound');
    const id = await createImage(suite);
    await untilState(suite, id, 'available');
    expect((await errorOf(tag([id], 'aws:recycle-bin:resource-in-bin', 'true'))).name).toBe(
      'InvalidParameterValue',
    );
  });
});
