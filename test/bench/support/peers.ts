import {
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImageReferencesCommand,
  EC2Client,
  type Image,
  paginateDescribeImages,
} from '@aws-sdk/client-ec2';
import { snapshotsOf } from './region.ts';
import type { VirtualEc2 } from './virtual-ec2.ts';

/** What others do with the same images; the SDK as it comes, with its three tries. */
type Strategy = (ec2: EC2Client, doomed: readonly Image[]) => Promise<void>;

export async function peer(
  server: VirtualEc2,
  strategy: Strategy,
  isOld: (image: Image) => boolean,
): Promise<void> {
  const ec2 = new EC2Client({ region: 'us-east-1' });
  server.answers(ec2);
  const images: Image[] = [];
  for await (const page of paginateDescribeImages({ client: ec2 }, { Owners: ['self'], MaxResults: 1000 }))
    images.push(...(page.Images ?? []));
  await strategy(ec2, images.filter(isOld));
}

/** Each call awaited: who uses one image, then the image, then each of its snapshots. */
export const oneByOne: Strategy = async (ec2, doomed) => {
  for (const image of doomed) {
    const { ImageReferences = [] } = await ec2.send(
      new DescribeImageReferencesCommand({ ImageIds: [image.ImageId ?? ''], IncludeAllResourceTypes: true }),
    );
    if (ImageReferences.length > 0) continue;
    await ec2.send(new DeregisterImageCommand({ ImageId: image.ImageId }));
    for (const SnapshotId of snapshotsOf(image)) await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
  }
};

const BATCH = 50;

/** Fifty images at once, beside the snapshots of those before; what was refused goes to the end of the queue. */
export const inBatches: Strategy = async (ec2, doomed) => {
  const images = [...doomed];
  const snapshots: string[] = [];
  while (images.length + snapshots.length > 0) {
    const some = images.splice(0, BATCH);
    const [kept, left] = await Promise.all([
      refused(some, ({ ImageId }) => ec2.send(new DeregisterImageCommand({ ImageId }))),
      refused(snapshots.splice(0, 1.5 * BATCH), (SnapshotId) =>
        ec2.send(new DeleteSnapshotCommand({ SnapshotId })),
      ),
    ]);
    images.push(...kept);
    snapshots.push(...left, ...some.filter((image) => !kept.includes(image)).flatMap(snapshotsOf));
  }
};

/** Those for which a call failed. */
async function refused<Item>(
  items: readonly Item[],
  send: (item: Item) => Promise<unknown>,
): Promise<Item[]> {
  const answers = await Promise.allSettled(items.map(send));
  return items.filter((_item, index) => answers[index]?.status === 'rejected');
}
