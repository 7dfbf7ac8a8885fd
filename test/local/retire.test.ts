import {
  CopyImageCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DisableImageCommand,
  EnableImageCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { createImage, describeImage, errorOf, untilState, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });

const deregister = (ImageId: string, DeleteAssociatedSnapshots?: boolean) =>
  suite.ec2.send(new DeregisterImageCommand({ ImageId, DeleteAssociatedSnapshots }));
const deleteSnapshot = (id = '') => suite.ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }));

describe('DeregisterImage', () => {
  it('leaves the snapshots, which can then be deleted, but not before', async () => {
    const { imageId, snapshotIds } = await suite.aws.control.addImage({ name: 'old' });
    expect((await errorOf(deleteSnapshot(snapshotIds[0]))).name).toBe('InvalidSnapshot.InUse');
    expect(await deregister(imageId)).toMatchObject({ Return: true });
    await deleteSnapshot(snapshotIds[0]);
    expect((await errorOf(deleteSnapshot(snapshotIds[0]))).name).toBe('InvalidSnapshot.NotFound');
  });

  it('deletes the snapshots too when asked to, but none that another image shares', async () => {
    const { control } = suite.aws;
    const shared = await control.addImage({ name: 'shared' });
    const image = await control.addImage({ name: 'mine', snapshots: 2, shareSnapshotsOf: [shared.imageId] });
    const forced = String(image.snapshotIds[1]);
    await control.setSnapshotResults({ [forced]: 'internal-error' });
    expect((await deregister(image.imageId, true)).DeleteSnapshotResults).toEqual([
      { SnapshotId: image.snapshotIds[0], ReturnCode: 'success' },
      { SnapshotId: forced, ReturnCode: 'internal-error' },
      { SnapshotId: shared.snapshotIds[0], ReturnCode: 'skipped' },
    ]);
  });

  it('tells an image that is gone from one that never was', async () => {
    const { imageId } = await suite.aws.control.addImage({ name: 'old' });
    await deregister(imageId);
    expect(await errorOf(deregister(imageId))).toEqual({
      name: 'InvalidAMIID.Unavailable',
      message: `The image ID '${imageId}' is no longer available`,
    });
    expect((await errorOf(deregister('ami-0123456789abcdef0'))).name).toBe('InvalidAMIID.NotFound');
    expect((await errorOf(describeImage(suite, imageId))).name).toBe('InvalidAMIID.Unavailable');
  });

  it('shows no error for a deregistered image that an instance still uses', async () => {
    const { imageId } = await suite.aws.control.addImage({ name: 'old' });
    await suite.aws.control.startInstance({ imageId });
    await deregister(imageId);
    const { Images } = await suite.ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
    expect(Images).toEqual([]);
  });

  it("refuses another account's image, and a protected one", async () => {
    const { control } = suite.aws;
    const theirs = await control.addImage({ name: 'theirs', ownerId: '111111111111', public: true });
    expect((await errorOf(deregister(theirs.imageId))).name).toBe('AuthFailure');
    const kept = await control.addImage({ name: 'kept' });
    await control.changeImage(kept.imageId, { deregistrationProtection: 'enabled' });
    expect((await errorOf(deregister(kept.imageId))).name).toBe('OperationNotPermitted');
  });
});

describe('CopyImage', () => {
  it('copies once for a client token, with tags if asked to, into snapshots of its own', async () => {
    const source = await suite.aws.control.addImage({ name: 'source', tags: { a: 'b' }, snapshots: 2 });
    const input = {
      SourceImageId: source.imageId,
      SourceRegion: 'us-east-1',
      Name: 'copy',
      CopyImageTags: true,
    };
    const copy = (more: object) => suite.ec2.send(new CopyImageCommand({ ...input, ...more }));
    const { ImageId = '' } = await copy({ ClientToken: 't' });
    expect((await copy({ ClientToken: 't' })).ImageId).toBe(ImageId);
    expect((await errorOf(copy({ ClientToken: 'u' }))).name).toBe('InvalidAMIName.Duplicate');
    expect((await errorOf(copy({ ClientToken: 't', Name: 'other' }))).name).toBe(
      'IdempotentParameterMismatch',
    );
    const image = await untilState(suite, ImageId, 'available');
    expect(image).toMatchObject({ SourceImageId: source.imageId, Tags: [{ Key: 'a', Value: 'b' }] });
    const snapshots = image.BlockDeviceMappings?.map((each) => each.Ebs?.SnapshotId) ?? [];
    expect(snapshots.filter((id) => source.snapshotIds.includes(String(id)))).toEqual([]);
  });
});

describe('DisableImage and EnableImage', () => {
  it('stop and allow launches', async () => {
    const id = await createImage(suite);
    await untilState(suite, id, 'available');
    const launch = () =>
      suite.ec2.send(
        new RunInstancesCommand({ ImageId: id, MinCount: 1, MaxCount: 1, InstanceType: 't3.micro' }),
      );
    await suite.ec2.send(new DisableImageCommand({ ImageId: id }));
    expect((await errorOf(launch())).name).toBe('InvalidAMIID.Unavailable');
    await suite.ec2.send(new EnableImageCommand({ ImageId: id }));
    await launch();
  });
});
