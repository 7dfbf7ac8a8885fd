import { DeleteSnapshotCommand, DeregisterImageCommand } from '@aws-sdk/client-ec2';
import { sleep } from '../../runtime/sleep.ts';
import { ec2ErrorFacts, ec2In } from '../ec2.ts';

export interface Deletion {
  /** The snapshots that this call deleted; one that another image shares stays, and is no error. */
  readonly snapshotIds: string[];
  readonly failed: { readonly code: string; readonly message: string }[];
}

/** What EC2 says of an image or a snapshot that is not there any more. */
export const GONE = /^Invalid(AMIID|Snapshot)\.(NotFound|Unavailable)$/;
export const IN_USE = 'InvalidSnapshot.InUse';
const TRIES = 5;

/**
 * Deregisters an image together with its snapshots, in EC2's one call; a snapshot that this call could not
 * delete is tried by itself. Gives nothing when all of it was gone already: another run has it to report.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html
 */
export async function deleteImage(
  image: { readonly imageId: string; readonly snapshotIds: readonly string[] },
  region: string,
): Promise<Deletion | undefined> {
  const results = await deregister(image, region);
  const snapshotIds: string[] = [];
  const failed: Deletion['failed'] = [];
  for (const snapshotId of new Set([...image.snapshotIds, ...(results?.keys() ?? [])])) {
    const code = results?.get(snapshotId);
    if (code === 'skipped') continue;
    const outcome = code === 'success' ? 'deleted' : await deleteSnapshot(snapshotId, region);
    if (outcome === 'deleted') snapshotIds.push(snapshotId);
    // Of a snapshot that EC2 says nothing about, this says that another image shares it.
    else if (outcome !== 'gone' && (code || outcome.code !== IN_USE))
      failed.push({ ...outcome, message: `${snapshotId} stays: ${outcome.message}` });
  }
  return results || snapshotIds.length + failed.length > 0 ? { snapshotIds, failed } : undefined;
}

/** What became of each snapshot, in EC2's own word; nothing when somebody deregistered the image before. */
async function deregister({ imageId }: { readonly imageId: string }, region: string) {
  try {
    const { DeleteSnapshotResults = [] } = await ec2In(region).send(
      new DeregisterImageCommand({ ImageId: imageId, DeleteAssociatedSnapshots: true }),
    );
    return new Map(DeleteSnapshotResults.map(({ SnapshotId = '', ReturnCode }) => [SnapshotId, ReturnCode]));
  } catch (error) {
    if (GONE.test(ec2ErrorFacts(error).name)) return undefined;
    throw error;
  }
}

/** Right after a deregistration a snapshot can still count as in use: that passes. */
export async function deleteSnapshot(
  snapshotId: string,
  region: string,
  most = TRIES,
): Promise<'deleted' | 'gone' | { code: string; message: string }> {
  for (let tries = 1; ; tries += 1) {
    try {
      await ec2In(region).send(new DeleteSnapshotCommand({ SnapshotId: snapshotId }));
      return 'deleted';
    } catch (error) {
      const { name, message } = ec2ErrorFacts(error);
      if (GONE.test(name)) return 'gone';
      if (name !== IN_USE || tries === most) return { code: name, message };
      await sleep(300 * 2 ** tries);
    }
  }
}
