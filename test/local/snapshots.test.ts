import {
  CreateSnapshotCommand,
  DescribeImagesCommand,
  type DescribeImagesCommandInput,
  DescribeSnapshotsCommand,
  type DescribeSnapshotsCommandInput,
  paginateDescribeSnapshots,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { createImage, errorOf, untilState, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
const gib = 1024 ** 3;
const day = 86_400_000;

async function snapshots(input: DescribeSnapshotsCommandInput) {
  const command = new DescribeSnapshotsCommand({ OwnerIds: ['self'], ...input });
  return (await suite.ec2.send(command)).Snapshots ?? [];
}
const ageOf = (time: Date | undefined) => (Date.now() - Number(time)) / day;

describe('DescribeSnapshots', () => {
  it('gives the size of the volume, the full size in bytes, and the age of the image', async () => {
    const { imageId, snapshotIds } = await suite.aws.control.addImage({
      name: 'old',
      ageDays: 20,
      volumeSize: 30,
      snapshotBytes: 12 * gib,
    });
    const [found] = await snapshots({ SnapshotIds: snapshotIds });
    expect(found).toMatchObject({ VolumeSize: 30, FullSnapshotSizeInBytes: 12 * gib, State: 'completed' });
    expect(ageOf(found?.StartTime)).toBeCloseTo(20, 1);
    await suite.aws.control.changeImage(imageId, { ageDays: 40 });
    expect(ageOf((await snapshots({ SnapshotIds: snapshotIds }))[0]?.StartTime)).toBeCloseTo(40, 1);
  });

  it('takes the whole volume for the full size where nothing else is known', async () => {
    const { snapshotIds } = await suite.aws.control.addImage({ name: 'old' });
    expect((await snapshots({ SnapshotIds: snapshotIds }))[0]?.FullSnapshotSizeInBytes).toBe(8 * gib);
    const id = await createImage(suite);
    const image = await untilState(suite, id, 'available');
    const SnapshotIds = [String(image.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId)];
    expect((await snapshots({ SnapshotIds }))[0]?.FullSnapshotSizeInBytes).toBe(8 * gib);
  });

  it('shows a lone snapshot, which no image has, and one that failed', async () => {
    const tags = { 'amity:instance-name': 'service-api' };
    const description = 'Created by CreateImage(i-0123456789abcdef0) for ami-0123456789abcdef0';
    const { retention } = suite.aws.control;
    const lone = await retention.addSnapshot({ tags, ageDays: 3, description, snapshotBytes: 5 });
    const failed = await retention.addSnapshot({ snapshotState: 'error' });
    const [found] = await snapshots({ SnapshotIds: [lone.snapshotId] });
    expect(found).toMatchObject({
      Description: description,
      FullSnapshotSizeInBytes: 5,
      VolumeId: lone.volumeId,
      Tags: [{ Key: 'amity:instance-name', Value: 'service-api' }],
    });
    expect(ageOf(found?.StartTime)).toBeCloseTo(3, 1);
    expect((await snapshots({ SnapshotIds: [failed.snapshotId] }))[0]?.State).toBe('error');
  });

  it('finds by tag, tag key and id, and gives pages', async () => {
    const { retention } = suite.aws.control;
    const ids: string[] = [];
    for (let i = 0; i < 6; i += 1)
      ids.push((await retention.addSnapshot({ tags: { team: `t${i}`, [`k${i % 2}`]: '' } })).snapshotId);
    const find = async (Name: string, ...Values: string[]) =>
      (await snapshots({ Filters: [{ Name, Values }] })).map((each) => each.SnapshotId);
    expect(await find('tag:team', 't1', 't2')).toEqual(ids.slice(1, 3));
    expect(await find('tag:team', 't?')).toEqual(ids);
    expect(await find('tag-key', 'k1')).toEqual([ids[1], ids[3], ids[5]]);
    expect(await find('snapshot-id', String(ids[4]), 'snap-0123456789abcdef0')).toEqual([ids[4]]);
    const sizes: number[] = [];
    const config = { client: suite.ec2, pageSize: 5 };
    for await (const page of paginateDescribeSnapshots(config, { OwnerIds: ['self'] }))
      sizes.push(page.Snapshots?.length ?? 0);
    expect(sizes).toEqual([5, 1]);
  });

  it('shows those of CreateSnapshot with the same words', async () => {
    const { volumeIds } = await suite.aws.control.startInstance();
    const made = await suite.ec2.send(new CreateSnapshotCommand({ VolumeId: volumeIds[0] }));
    const [found] = await snapshots({ SnapshotIds: [String(made.SnapshotId)] });
    expect(found).toMatchObject({ VolumeSize: 8, FullSnapshotSizeInBytes: 8 * gib, State: 'completed' });
  });
});

describe('DescribeImages', () => {
  it('finds the images of a snapshot, of a state, and by id', async () => {
    const { control } = suite.aws;
    const shared = await control.addImage({ name: 'shared' });
    const mine = await control.addImage({ name: 'mine', shareSnapshotsOf: [shared.imageId] });
    const disabled = await control.addImage({ name: 'disabled', state: 'disabled' });
    const find = async (input: DescribeImagesCommandInput) => {
      const command = new DescribeImagesCommand({ Owners: ['self'], IncludeDisabled: true, ...input });
      return (await suite.ec2.send(command)).Images?.map((each) => each.Name);
    };
    const filter = (Name: string, ...Values: string[]) => ({ Filters: [{ Name, Values }] });
    const of = (id = '') => find(filter('block-device-mapping.snapshot-id', id));
    expect(await of(shared.snapshotIds[0])).toEqual(['shared', 'mine']);
    expect(await of(mine.snapshotIds[0])).toEqual(['mine']);
    expect(await of(disabled.snapshotIds[0])).toEqual(['disabled']);
    expect(await find(filter('state', 'disabled', 'failed'))).toEqual(['disabled']);
    expect(await find(filter('image-id', mine.imageId, disabled.imageId))).toEqual(['mine', 'disabled']);
    expect((await errorOf(find({ ImageIds: ['ami-0123456789abcdef0'] }))).name).toBe('InvalidAMIID.NotFound');
  });
});
