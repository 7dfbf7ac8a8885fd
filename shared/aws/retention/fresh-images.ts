import type { ImageFacts } from '../../domain/retention/facts.ts';
import { held, isImage, type Planned } from '../../domain/retention/planned.ts';
import type { Acting } from './acting.ts';
import { makeRecyclable } from './recyclable.ts';
import { lookAgain, type Survey } from './survey.ts';

export interface Fresh {
  readonly images: ReadonlyMap<string, ImageFacts>;
  /** The entry, kept when its image could not come back out of the Recycle Bin. */
  readonly recyclable: (entry: Planned) => Planned;
}

/** What EC2 now says of these entries' images; those that may be deleted are tagged for the Recycle Bin. */
export async function freshImages(
  entries: readonly Planned[],
  surveyed: Survey,
  { region, recycleBinDays }: Acting,
): Promise<Fresh> {
  const ids = entries.filter(isImage).map(({ imageId }) => imageId);
  const images = new Map((await lookAgain(ids, region)).map((image) => [image.imageId, image]));
  const refused =
    recycleBinDays > 0 ? await makeRecyclable(entries, images, surveyed, region) : new Map<string, string>();
  return {
    images,
    recyclable: (entry) => {
      const why = [entry.imageId, ...entry.snapshotIds].flatMap((id) => refused.get(id) ?? []);
      return why.length > 0 ? held(entry, `cannot go to the Recycle Bin: ${why.join(', ')}`) : entry;
    },
  };
}
