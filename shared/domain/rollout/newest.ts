import { isBackup } from '../backup/reasons.ts';
import { foreignOwner, INSTANCE_NAME_TAG, instanceNameOf, type Tags } from '../ownership.ts';
import { FAILED_TAG, REJECTED_TAG } from '../retention/guards.ts';

/** An image of this account, as EC2 describes it. */
export interface FollowedImage {
  readonly imageId: string;
  readonly imageName: string;
  readonly state: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly tags: Tags;
}

export interface Family {
  readonly instanceName: string;
  readonly includesBackups: boolean;
}

/** An image's place in time: EC2's dates have seconds, and two images can share one. */
export interface Place {
  readonly imageId: string;
  readonly createdAt: string;
}

/** Whether an image is of a name: ours; or any whose `Name` tag is that name, those of AWS Backup where they are asked for. */
export function isOfFamily({ tags, imageName }: FollowedImage, family: Family): boolean {
  const owner = foreignOwner(tags, imageName);
  const isOurs = !owner && tags[INSTANCE_NAME_TAG] !== undefined;
  // Nobody refreshes a fleet because one instance was moved, or backed up.
  const isKept = owner === 'AWS Backup' || (isOurs && isBackup(tags));
  if (isKept && !family.includesBackups) return false;
  if (isOurs) return instanceNameOf(tags) === family.instanceName;
  return tags.Name === family.instanceName;
}

const isGood = ({ state, tags, createdAt }: FollowedImage) =>
  state === 'available' && !tags[FAILED_TAG] && !tags[REJECTED_TAG] && !Number.isNaN(Date.parse(createdAt));

export function isNewer(one: Place, other: Place): boolean {
  const difference = Date.parse(one.createdAt) - Date.parse(other.createdAt);
  return difference === 0 ? one.imageId > other.imageId : difference > 0;
}

const newestOf = <Image extends Place>(images: readonly Image[]): Image | undefined =>
  images.reduce<Image | undefined>(
    (best, image) => (best && !isNewer(image, best) ? best : image),
    undefined,
  );

/** The later of two places, where there are any. */
export const later = (one: Place | undefined, other: Place | undefined): Place | undefined =>
  one && other ? (isNewer(one, other) ? one : other) : (one ?? other);

export interface Standing {
  /** What is in force now, as far as it is known when that was made. */
  readonly present: Partial<Place>;
  /** The newest image that was rolled back from here: nothing older is followed any more. */
  readonly floor?: Place | undefined;
}

export type Step<Image> =
  | { readonly act: 'keep'; readonly why: string }
  | { readonly act: 'go'; readonly image: Image };

/**
 * Whether what is in force gives way to a newer image of its family. Only ever forward: what is older than the image in
 * force, or than one that was rejected, changes nothing, in whatever order and however often it is asked.
 */
export function nextOf<Image extends FollowedImage>(
  family: Family,
  images: readonly Image[],
  { present, floor }: Standing,
): Step<Image> {
  const ofFamily = images.filter((image) => isOfFamily(image, family));
  const newest = newestOf(ofFamily.filter(isGood));
  if (!newest) return keep('no image of the name is available');
  if (newest.imageId === present.imageId) return keep('the newest image is in force');
  const { imageId, createdAt } = present;
  if (imageId && createdAt && !isNewer(newest, { imageId, createdAt })) {
    return keep(`${newest.imageId} is older than ${imageId}, which is in force`);
  }
  const rejected = ofFamily.filter(({ tags }) => tags[REJECTED_TAG]);
  const last = newestOf([...rejected, ...(floor ? [floor] : [])]);
  if (last && !isNewer(newest, last))
    return keep(`${newest.imageId} is older than ${last.imageId}, which was rejected`);
  return { act: 'go', image: newest };
}

/** The newest good image of a family that is older than another one: what a rollback goes back to where nobody else says. */
export const newestBefore = <Image extends FollowedImage>(
  family: Family,
  images: readonly Image[],
  place: Place,
): Image | undefined =>
  newestOf(images.filter((image) => isOfFamily(image, family) && isGood(image) && isNewer(place, image)));

const keep = (why: string) => ({ act: 'keep', why }) as const;
