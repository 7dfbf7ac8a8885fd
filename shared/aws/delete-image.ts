import { DeleteSnapshotCommand, DeregisterImageCommand } from '@aws-sdk/client-ec2';
import { sleep } from '../runtime/sleep.ts';
import { ec2, ec2ErrorFacts } from './ec2.ts';

export interface Deletion {
  /** The snapshots that are gone now; one that another image shares stays, and is no error. */
  readonly snapshotIds: string[];
  readonly failed: { readonly code: string; readonly message: string }[];
}

const GONE = /^Invalid(AMIID|Snapshot)\.(NotFound|Unavailable)$/;
const TRIES = 5;

/**
 * Deregisters an image together with its snapshots, in EC2's one call; a snapshot that this call could not
 * delete is tried by itself. What is gone already counts as done.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html
 */
export async function deleteImage(image: { imageId: string; snapshotIds: string[] }): Promise<Deletion> {
  const results = await deregister(image);
  const snapshotIds: string[] = [];
  const failed: Deletion['failed'] = [];
  for (const [snapshotId, code] of results) {
    if (code === 'skipped') continue;
    const error = code === 'success' ? undefined : await deleteSnapshot(snapshotId);
    if (error) failed.push({ code: error.code, message: `${snapshotId} is left behind: ${error.message}` });
    else snapshotIds.push(snapshotId);
  }
  return { snapshotIds, failed };
}

/** What became of each snapshot, in EC2's own word. */
async function deregister({ imageId, snapshotIds }: { imageId: string; snapshotIds: string[] }) {
  try {
    const { DeleteSnapshotResults = [] } = await ec2.send(
      new DeregisterImageCommand({ ImageId: imageId, DeleteAssociatedSnapshots: true }),
    );
    return DeleteSnapshotResults.map(
      ({ SnapshotId = '', ReturnCode = '' }) => [SnapshotId, ReturnCode] as const,
    );
  } catch (error) {
    // Deregistered already, by a run that may not have come as far as its snapshots.
    if (GONE.test(ec2ErrorFacts(error).name)) return snapshotIds.map((id) => [id, 'unknown'] as const);
    throw error;
  }
}

/** Right after a deregistration a snapshot can still count as in use: that passes. */
async function deleteSnapshot(snapshotId: string): Promise<{ code: string; message: string } | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      await ec2.send(new DeleteSnapshotCommand({ SnapshotId: snapshotId }));
      return undefined;
    } catch (error) {
      const { name, message } = ec2ErrorFacts(error);
      if (GONE.test(name)) return undefined;
      if (name !== 'InvalidSnapshot.InUse' || tries === TRIES) return { code: name, message };
      await sleep(300 * 2 ** tries);
    }
  }
}
