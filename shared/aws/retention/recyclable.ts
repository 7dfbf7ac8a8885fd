import { kindOf } from '../../domain/ec2-error.ts';
import { instanceNameOf } from '../../domain/ownership.ts';
import type { ImageFacts } from '../../domain/retention/facts.ts';
import { deletes, type Planned } from '../../domain/retention/planned.ts';
import { RECYCLE_TAG } from '../../domain/retention/stages.ts';
import { ec2ErrorFacts, ec2In } from '../ec2.ts';
import { tag } from '../tag-images.ts';
import { GONE } from './delete-image.ts';
import type { Survey } from './survey.ts';

/**
 * Tags what these entries would delete for the Recycle Bin; what is kept after all has lost nothing by it. Gives, by its
 * id, whatever could not be tagged, and why: an image that comes back without one of its snapshots does not come back.
 */
export async function makeRecyclable(
  entries: readonly Planned[],
  images: ReadonlyMap<string, ImageFacts>,
  { snapshots }: Survey,
  region: string,
): Promise<Map<string, string>> {
  const doomed = entries.filter(deletes).flatMap(({ imageId, snapshotId, snapshotIds }) => {
    if (snapshotId) return snapshotIds;
    const image = images.get(imageId);
    return image && instanceNameOf(image.tags) ? [imageId, ...snapshotIds] : [];
  });
  const known = [
    ...images.values(),
    ...snapshots.map((each) => ({ imageId: each.snapshotId, tags: each.tags })),
  ];
  const tagged = new Set(known.filter(({ tags }) => RECYCLE_TAG in tags).map(({ imageId }) => imageId));
  const refused = new Map<string, string>();
  const untagged = [...new Set(doomed)].filter((id) => !tagged.has(id));
  if (untagged.length > 0) await tagThoseThatCan(untagged, region, refused);
  return refused;
}

/** EC2 tags nothing at all when one of them is gone, or not ours: then the halves are tried, down to that one. */
async function tagThoseThatCan(
  ids: readonly string[],
  region: string,
  refused: Map<string, string>,
): Promise<void> {
  try {
    await tag(ids, { [RECYCLE_TAG]: 'true' }, ec2In(region));
  } catch (error) {
    const facts = ec2ErrorFacts(error);
    const forGood = ['denied', 'rejected'].includes(kindOf(facts));
    if (!forGood) throw error;
    const [id] = ids;
    if (ids.length === 1 && id) {
      if (!GONE.test(facts.name)) refused.set(id, `${id}: ${facts.name}`);
      return;
    }
    const half = Math.ceil(ids.length / 2);
    await tagThoseThatCan(ids.slice(0, half), region, refused);
    await tagThoseThatCan(ids.slice(half), region, refused);
  }
}
