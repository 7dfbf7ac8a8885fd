import middy from '@middy/core';
import * as z from 'zod/mini';
import { ec2 } from '../../shared/aws/ec2.ts';
import { imageById } from '../../shared/aws/images.ts';
import { deleteImage } from '../../shared/aws/retention/delete-image.ts';
import { untag } from '../../shared/aws/tag-images.ts';
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
  if (hasPassed) return untag(imageId, [FAILED_TAG], ec2);
  const image = await imageById(imageId);
  const deletion = image && (await deleteImage(image, env.AWS_REGION));
  const [left] = deletion?.failed ?? [];
  if (left) throw new Error(`${left.code}: ${left.message}`);
});
