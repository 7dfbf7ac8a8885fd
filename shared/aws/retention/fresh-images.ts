import { instanceNameOf } from '../../domain/ownership.ts';
import type { ImageFacts } from '../../domain/retention/facts.ts';
import { deletes, type Planned } from '../../domain/retention/plan.ts';
import { RECYCLE_TAG } from '../../domain/retention/stages.ts';
import { ec2ErrorFacts, ec2In } from '../ec2.ts';
import { tag } from '../tag-images.ts';
import { type Acting, isImage } from './act.ts';
import { GONE } from './delete-image.ts';
import { lookAgain, type Survey } from './survey.ts';

/** What EC2 now says of these entries' images; those that may be deleted are tagged for the Recycle Bin. */
export async function freshImages(
  entries: readonly Planned[],
  surveyed: Survey,
  acting: Acting,
): Promise<Map<string, ImageFacts>> {
  const ids = entries.filter(isImage).map(({ imageId }) => imageId);
  const images = new Map((await lookAgain(ids, acting.region)).map((image) => [image.imageId, image]));
  if (acting.recycleBinDays > 0) await tagForRecycleBin(entries, images, surveyed, acting);
  return images;
}

/** What is kept after all has lost nothing by it. Only what carries our tag may be tagged. */
async function tagForRecycleBin(
  entries: readonly Planned[],
  images: ReadonlyMap<string, ImageFacts>,
  { snapshots }: Survey,
  { region }: Acting,
): Promise<void> {
  const doomed = entries
    .filter(deletes)
    .filter(({ imageId, snapshotId }) => snapshotId || images.has(imageId));
  const theirs = new Set(doomed.flatMap(({ snapshotIds }) => snapshotIds));
  const resources = [
    ...doomed.flatMap(({ imageId, snapshotId }) => (snapshotId ? [] : (images.get(imageId) ?? []))),
    ...snapshots.flatMap(({ snapshotId, tags }) =>
      theirs.has(snapshotId) ? [{ imageId: snapshotId, tags }] : [],
    ),
  ];
  const untagged = resources.filter(({ tags }) => instanceNameOf(tags) && !(RECYCLE_TAG in tags));
  await tagThoseThere(
    untagged.map(({ imageId }) => imageId),
    region,
  );
}

/** EC2 tags nothing at all when one of them is gone: then the halves are tried, down to that one. */
async function tagThoseThere(ids: readonly string[], region: string): Promise<void> {
  try {
    await tag(ids, { [RECYCLE_TAG]: 'true' }, ec2In(region));
  } catch (error) {
    if (!GONE.test(ec2ErrorFacts(error).name)) throw error;
    const half = Math.ceil(ids.length / 2);
    if (half === ids.length) return;
    await tagThoseThere(ids.slice(0, half), region);
    await tagThoseThere(ids.slice(half), region);
  }
}
