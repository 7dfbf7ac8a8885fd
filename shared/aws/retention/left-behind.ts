import type { SnapshotFacts } from '../../domain/retention/facts.ts';
import { chunks } from '../../runtime/chunks.ts';
import { ec2In } from '../ec2.ts';
import { ownedImages } from '../images.ts';
import { imagesInRecycleBin } from '../recycle-bin.ts';

/** EC2 takes 200 values in a filter. */
const MOST_VALUES = 200;

/**
 * Of a snapshot whose image is there, ours or not, or in the Recycle Bin, nobody shall say that it was left behind: it
 * loses the origin by which a plan would find it.
 */
export async function withOrigin(
  snapshots: readonly SnapshotFacts[],
  ours: readonly string[],
  region: string,
): Promise<SnapshotFacts[]> {
  const known = new Set(ours);
  const alone = snapshots.filter(({ madeFor }) => madeFor && !known.has(madeFor));
  if (alone.length === 0) return [...snapshots];
  const there = new Set(await imagesInRecycleBin(region));
  for (const some of chunks(alone, MOST_VALUES)) {
    const origins = [...new Set(some.flatMap(({ madeFor }) => madeFor ?? []))];
    const held = some.map(({ snapshotId }) => snapshotId);
    for (const filter of [
      { Name: 'image-id', Values: origins },
      { Name: 'block-device-mapping.snapshot-id', Values: held },
    ]) {
      for (const { imageId, snapshotIds } of await ownedImages({ Filters: [filter] }, ec2In(region)))
        for (const id of [imageId, ...snapshotIds]) there.add(id);
    }
  }
  return snapshots.map((each) =>
    there.has(each.snapshotId) || there.has(each.madeFor ?? '') ? withoutOrigin(each) : each,
  );
}

export const withoutOrigin = (snapshot: SnapshotFacts): SnapshotFacts => ({
  ...snapshot,
  madeFor: undefined,
});
