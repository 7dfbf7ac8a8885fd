import middy from '@middy/core';
import * as z from 'zod/mini';
import { builders, consoleOf } from '../../shared/aws/bake/builders.ts';
import { tearDown } from '../../shared/aws/bake/tear-down.ts';
import { log } from '../../shared/runtime/log.ts';

const Question = z.object({
  bake: z.string(),
  /** From 1: the how manieth call this is. */
  look: z.int(),
  hasFailed: z.boolean(),
});

interface Answer {
  readonly isGone: boolean;
  /** The end of what the builder showed, if it failed and EC2 has it. */
  readonly console?: string;
}

/** Half an hour, of a look every 5 s. */
const MOST_LOOKS = 360;
const MOST_CONSOLE = 3_000;

/** Takes the builder away, and what was made for it; the workflow asks until nothing is left. */
export const handler = middy(async (event: unknown): Promise<Answer> => {
  const { bake, look, hasFailed } = Question.parse(event);
  const console = hasFailed ? await kept(bake, look) : undefined;
  const isGone = await tearDown(bake, look);
  // The daily run takes what is left then: nobody is kept waiting for it.
  if (!isGone && look >= MOST_LOOKS) log.error('A builder does not go', { bake });
  return { isGone: isGone || look >= MOST_LOOKS, ...(console && { console }) };
});

/** What the builder showed stays in our log; in the first call, and what more there is when it is gone. */
async function kept(bake: string, look: number): Promise<string | undefined> {
  const [builder] = await builders(bake);
  if (!builder || (look > 1 && builder.state !== 'terminated')) return undefined;
  const output = await consoleOf(builder.instanceId).catch((error) => {
    log.warn('The console of a builder could not be read', { bake, error });
    return undefined;
  });
  if (output) log.warn('What the console of a failed builder shows', { bake, builder, output });
  return output?.slice(-MOST_CONSOLE);
}
