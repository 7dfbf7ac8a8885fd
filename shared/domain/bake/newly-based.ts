import { USABLE } from '../image-holder.ts';
import { INSTANCE_NAME_TAG, type Tags } from '../ownership.ts';
import { FAILED_TAG } from '../retention/guards.ts';
import { BASE_IMAGE_TAG, NOT_VALIDATED } from './builder.ts';

interface Baked {
  readonly state: string;
  readonly createdAt: string;
  readonly tags: Tags;
}

/** One that is being validated may become something; one that was given up did not. */
const isGivenUp = ({ tags }: Baked) => (tags[FAILED_TAG] ?? NOT_VALIDATED) !== NOT_VALIDATED;

/**
 * Whether a bake would bring something new: the newest image of the name, of those that became something, was baked from
 * another base image, or there is none.
 */
export function isNewlyBased(instanceName: string, baseImageId: string, images: readonly Baked[]): boolean {
  const [newest] = images
    .filter(
      ({ state, tags }) =>
        USABLE.has(state) && tags[INSTANCE_NAME_TAG] === instanceName && BASE_IMAGE_TAG in tags,
    )
    .filter((image) => !isGivenUp(image))
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  return newest?.tags[BASE_IMAGE_TAG] !== baseImageId;
}
