import middy from '@middy/core';
import * as z from 'zod/mini';
import { builders, stop } from '../../shared/aws/bake/builders.ts';
import { isEnding } from '../../shared/domain/bake/builder.ts';
import type { Fall } from '../../shared/domain/bake/how-it-failed.ts';

const Question = z.object({
  bake: z.string(),
  /** From 1: the how manieth call this is. */
  look: z.int(),
});

/** Half an hour, of a look every 5 s: EC2 stops by force after some minutes. */
const MOST_LOOKS = 360;

type Answer = { readonly stoppedId?: string } | { readonly failed: Fall };

/** Stops the builder, so that its disks hold what was written; the workflow asks until they do. */
export const handler = middy(async (event: unknown): Promise<Answer> => {
  const { bake, look } = Question.parse(event);
  const [builder] = await builders(bake);
  if (!builder || isEnding(builder)) {
    const cause = `The builder ${builder?.instanceId ?? ''} was terminated before it was imaged.`;
    return { failed: { stage: 'stop', error: 'builder-gone', cause } };
  }
  if (builder.state === 'stopped') return { stoppedId: builder.instanceId };
  if (look > MOST_LOOKS) {
    const cause = `The builder ${builder.instanceId} is ${builder.state}, and does not stop.`;
    return { failed: { stage: 'stop', error: 'bake-error', cause } };
  }
  if (builder.state === 'running') await stop(builder.instanceId);
  return {};
});
