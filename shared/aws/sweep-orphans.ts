import type { CleanUpFailure } from '../domain/failures.ts';
import { type Orphan, possibleOrphans } from '../domain/orphans.ts';
import type { RetentionPolicy } from '../domain/retention.ts';
import type { AmiCleaned } from '../events/ami-cleaned.ts';
import { deleteSnapshot, IN_USE } from './delete-image.ts';
import { ec2ErrorFacts } from './ec2.ts';
import { ownedImages } from './images.ts';
import { taggedSnapshots } from './snapshots.ts';

/** EC2 takes 200 values in a filter. */
const MOST_IDS = 200;

interface Sweep {
  readonly policy: RetentionPolicy;
  readonly now: Date;
  readonly hasTime: () => boolean;
}

/**
 * Deletes snapshots of ours whose image is gone: what a run that died between the two has left behind.
 * @param most how many the run may still delete
 * @param tried images that this run deleted itself: what stayed of them is reported already
 */
export async function sweepOrphans(
  { policy, now, hasTime }: Sweep,
  most: number,
  tried: ReadonlySet<string>,
): Promise<Pick<AmiCleaned, 'deleted' | 'failed'>> {
  const swept: Pick<AmiCleaned, 'deleted' | 'failed'> = { deleted: [], failed: [] };
  const orphans = await orphaned(policy, now).catch((error) => {
    const { name, message } = ec2ErrorFacts(error);
    swept.failed.push({
      code: 'snapshots-unreadable' satisfies CleanUpFailure,
      message: `No orphan was looked for. ${name}: ${message}`,
    });
    return [];
  });
  const left = orphans.filter(({ imageId }) => !tried.has(imageId));
  for (const { snapshotId, ...image } of left.slice(0, most)) {
    if (!hasTime()) break;
    const outcome = await deleteSnapshot(snapshotId, 1);
    if (outcome === 'deleted') swept.deleted.push({ ...image, snapshotIds: [snapshotId] });
    // Another image was made from it: it is no orphan after all.
    else if (outcome !== 'gone' && outcome.code !== IN_USE) {
      const { imageId, imageName } = image;
      swept.failed.push({
        imageId,
        imageName,
        ...outcome,
        message: `${snapshotId} stays: ${outcome.message}`,
      });
    }
  }
  return swept;
}

const orphaned = async ({ days }: RetentionPolicy, now: Date) =>
  withoutImage(possibleOrphans(await taggedSnapshots(), days, now));

/** Those whose image EC2 does not list, in any state. */
async function withoutImage(orphans: readonly Orphan[]): Promise<Orphan[]> {
  const ids = [...new Set(orphans.map(({ imageId }) => imageId))];
  const there = new Set<string>();
  for (let start = 0; start < ids.length; start += MOST_IDS) {
    const Values = ids.slice(start, start + MOST_IDS);
    for (const { imageId } of await ownedImages({ Filters: [{ Name: 'image-id', Values }] }))
      there.add(imageId);
  }
  return orphans.filter(({ imageId }) => !there.has(imageId));
}
