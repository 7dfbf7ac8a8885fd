import middy from '@middy/core';
import * as z from 'zod/mini';
import { ec2 } from '../../shared/aws/ec2.ts';
import { imageById } from '../../shared/aws/images.ts';
import { deleteImage } from '../../shared/aws/retention/delete-image.ts';
import { tag, untag } from '../../shared/aws/tag-images.ts';
import { FAILED_TAG } from '../../shared/domain/retention/guards.ts';
import { environment, text } from '../../shared/runtime/environment.ts';

const env = environment({ AWS_REGION: text });

const Concluded = z.object({ imageId: z.string(), hasPassed: z.boolean() });

/**
 * An image that has passed its validation is one like every other from now on; one that has not goes, with its snapshots:
 * nobody was told of it, and nothing can use it.
 */
export const handler = middy(async (event: unknown): Promise<void> => {
  const { imageId, hasPassed } = Concluded.parse(event);
  const image = await imageById(imageId);
  if (!image) {
    // Deregistered by somebody: there is nothing to announce, and nothing to delete.
    if (hasPassed) throw new Error(`EC2 does not know ${imageId} (any more)`);
    return;
  }
  if (hasPassed) return untag([imageId, ...image.snapshotIds], [FAILED_TAG], ec2);
  // Should it stay, it says that it was found wanting, and is not taken for one that is still to be validated.
  await tag([imageId], { [FAILED_TAG]: 'validation-failed' }, ec2);
  const deletion = await deleteImage(image, env.AWS_REGION);
  const [left] = deletion?.failed ?? [];
  if (left) throw new Error(`${left.code}: ${left.message}`);
});
