import { INSTANCE_NAME_TAG } from '../../domain/ownership.ts';
import { chunks } from '../../runtime/chunks.ts';
import { literal } from '../ec2.ts';
import { imageById, type OwnedImage, ownedImages } from '../images.ts';

/** EC2 takes 200 values in a filter. */
const MOST_VALUES = 200;

/** Lists follow what they list by a moment: the image that somebody has just told of is asked for by its id. */
export async function withImage(images: readonly OwnedImage[], imageId: string): Promise<OwnedImage[]> {
  if (images.some((image) => image.imageId === imageId)) return [...images];
  const image = await imageById(imageId);
  return image ? [...images, image] : [...images];
}

/** The images of this account that may be of any of those names: by our tag, or by their own `Name`. */
export async function imagesOfNames(names: readonly string[]): Promise<OwnedImage[]> {
  const found = new Map<string, OwnedImage>();
  for (const some of chunks([...new Set(names)], MOST_VALUES)) {
    const Values = some.map(literal);
    const [ours, named] = await Promise.all(
      [INSTANCE_NAME_TAG, 'Name'].map((tag) => ownedImages({ Filters: [{ Name: `tag:${tag}`, Values }] })),
    );
    for (const image of [...(ours ?? []), ...(named ?? [])]) found.set(image.imageId, image);
  }
  return [...found.values()];
}
