import {
  ListImagesInRecycleBinCommand,
  paginateListImagesInRecycleBin,
  RestoreImageFromRecycleBinCommand,
  RestoreSnapshotFromRecycleBinCommand,
} from '@aws-sdk/client-ec2';
import { TryAgainLater } from '../runtime/errors.ts';
import { sleep } from '../runtime/sleep.ts';
import { ec2ErrorFacts, ec2In } from './ec2.ts';

/** What EC2 says of something that is not in the bin. */
const NOT_THERE = /^Invalid(AMIID|Snapshot|SnapshotID)\.(NotFound|Unavailable)$/;

/** The ids of all images that are in the Recycle Bin. */
export async function imagesInRecycleBin(region: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { Images = [] } of paginateListImagesInRecycleBin(
    { client: ec2In(region) },
    { MaxResults: 1000 },
  ))
    found.push(...Images.flatMap(({ ImageId }) => ImageId ?? []));
  return found;
}

export async function isInRecycleBin(imageId: string, region: string): Promise<boolean> {
  try {
    const { Images = [] } = await ec2In(region).send(
      new ListImagesInRecycleBinCommand({ ImageIds: [imageId] }),
    );
    return Images.length > 0;
  } catch (error) {
    if (NOT_THERE.test(ec2ErrorFacts(error).name)) return false;
    throw error;
  }
}

/** Gives whether it was in the bin: one that was brought back before is as good. */
export async function restoreSnapshot(SnapshotId: string, region: string): Promise<boolean> {
  try {
    await ec2In(region).send(new RestoreSnapshotFromRecycleBinCommand({ SnapshotId }));
    return true;
  } catch (error) {
    if (NOT_THERE.test(ec2ErrorFacts(error).name)) return false;
    throw error;
  }
}

const TRIES = 25;

/**
 * Its snapshots first: an image cannot come back without them, nor before they have come back themselves, which takes
 * EC2 a moment.
 */
export async function restoreImage(ImageId: string, region: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await ec2In(region).send(new RestoreImageFromRecycleBinCommand({ ImageId }));
      return;
    } catch (error) {
      if (ec2ErrorFacts(error).name !== 'IncorrectState') throw error;
      if (tries === TRIES)
        throw new TryAgainLater(`The snapshots of ${ImageId} are not back yet`, 60, { cause: error });
      await sleep(3_000);
    }
  }
}
