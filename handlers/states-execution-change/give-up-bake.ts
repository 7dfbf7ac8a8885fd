import * as z from 'zod/mini';
import { giveUpBake } from '../../shared/aws/bake/give-up-bake.ts';
import { tearDown } from '../../shared/aws/bake/tear-down.ts';
import { broken } from '../../shared/domain/bake/how-it-failed.ts';
import { StatesExecutionChange } from '../../shared/events/states-execution-change.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { TryAgainLater } from '../../shared/runtime/errors.ts';
import { log } from '../../shared/runtime/log.ts';
import { requestEnvironment } from '../../shared/runtime/request-environment.ts';

const { announcing } = requestEnvironment();

const Input = z.object({ requestKey: z.string(), attempt: z.int(), imageId: z.optional(z.string()) });

/** Until what was terminated is gone. */
const AGAIN_SECONDS = 10;
const MOST_LOOKS = 20;

/**
 * A workflow that somebody stopped, or that broke, takes its builder away no more, and tells nobody: this does. Of a
 * validation only the builder, for its image's waiter is told by Step Functions itself.
 */
export const handler = consumer(StatesExecutionChange, async ({ name, status, input }, { record }) => {
  const { data } = z.safeParse(Input, JSON.parse(input ?? '{}'));
  if (!data) {
    log.warn('An execution that is no bake of ours has ended', { name, status });
    return;
  }
  const { requestKey, attempt, imageId } = data;
  const look = Number(record.attributes.ApproximateReceiveCount);
  const isGone = await tearDown(name, look);
  if (!imageId) await giveUpBake({ requestKey, attempt }, broken(name, status), announcing);
  // What has not gone by then the daily run takes.
  if (!isGone && look < MOST_LOOKS)
    throw new TryAgainLater(`What ${name} has started is not gone yet`, AGAIN_SECONDS);
});
