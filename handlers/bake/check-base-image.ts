import middy from '@middy/core';
import * as z from 'zod/mini';
import { bakeOf } from '../../shared/aws/bake/bake-of.ts';
import { architecturesOf, baseImage, resolveBaseImage } from '../../shared/aws/bake/base-image.ts';
import { unfit } from '../../shared/domain/bake/base-image.ts';
import type { Fall } from '../../shared/domain/bake/how-it-failed.ts';
import { bakeSettings } from '../../shared/runtime/bake-environment.ts';
import { environment, text } from '../../shared/runtime/environment.ts';

const env = environment({ ACCOUNT_ID: text, REQUESTS_TABLE: text });
const { baseImageOwners } = bakeSettings();

const Question = z.object({ requestKey: z.string(), imageId: z.nullish(z.string()) });

type Answer = { readonly imageId: string; readonly timeoutSeconds: number } | { readonly failed: Fall };

/** Which image the builder is to be started from: that of the request, or that which is to be validated. */
export const handler = middy(async (event: unknown): Promise<Answer> => {
  const { requestKey, imageId: validated } = Question.parse(event);
  const { bake } = await bakeOf(env.REQUESTS_TABLE, requestKey);
  const timeoutSeconds = bake.timeoutMinutes * 60;
  if (validated) return { imageId: validated, timeoutSeconds };
  const imageId = await resolveBaseImage(bake.baseImage);
  if (!imageId)
    return failed(
      'base-image-not-found',
      `There is no parameter ${bake.baseImage} that holds the id of an image.`,
    );
  const image = await baseImage(imageId);
  if (!image)
    return failed(
      'base-image-not-found',
      `EC2 has no image ${imageId} (${bake.baseImage}) for this account.`,
    );
  const failure = unfit(image, {
    accountId: env.ACCOUNT_ID,
    owners: baseImageOwners,
    instanceType: bake.instanceType,
    typeArchitectures: await architecturesOf(bake.instanceType),
    volumeSizeGib: bake.volumeSizeGib,
  });
  return failure ? failed(failure.code, failure.message) : { imageId, timeoutSeconds };
});

const failed = (error: string, cause: string): Answer => ({ failed: { stage: 'base-image', error, cause } });
