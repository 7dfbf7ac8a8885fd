import middy from '@middy/core';
import * as z from 'zod/mini';
import { bakeOf } from '../../shared/aws/bake/bake-of.ts';
import { baseImage } from '../../shared/aws/bake/base-image.ts';
import { builders } from '../../shared/aws/bake/builders.ts';
import { runBuilder } from '../../shared/aws/bake/run-builder.ts';
import { scriptOf } from '../../shared/aws/bake/script.ts';
import { failTask } from '../../shared/aws/state-machine.ts';
import { keepToken } from '../../shared/aws/waiting-token.ts';
import { disksFor } from '../../shared/domain/bake/base-image.ts';
import { deadlineOf } from '../../shared/domain/bake/builder.ts';
import { MOST_USER_DATA_BYTES, userDataFor } from '../../shared/domain/bake/user-data.ts';
import type { Failure } from '../../shared/domain/failures.ts';
import { bakeSettings } from '../../shared/runtime/bake-environment.ts';
import { environment, text } from '../../shared/runtime/environment.ts';

const env = environment({
  AWS_REGION: text,
  REQUESTS_TABLE: text,
  WAITING_TABLE: text,
  STATES_ENDPOINT: text,
});
const { userDataBuckets } = bakeSettings();

const Task = z.object({
  /** Whose builder it is: the name of the execution. */
  bake: z.string(),
  requestKey: z.string(),
  imageId: z.string(),
  validates: z.boolean(),
  taskToken: z.string(),
});
type Task = z.infer<typeof Task>;

/**
 * Starts the builder, which ends this task itself: it is given the token. Where none can be started this does, with the
 * reason; an error is what nobody foresaw.
 */
export const handler = middy(async (event: unknown): Promise<void> => {
  const task = Task.parse(event);
  try {
    const started = await start(task);
    if ('code' in started) await failTask(task.taskToken, started.code, started.message);
    else await keep(started.instanceId, task);
  } catch (cause) {
    const error = new Error(`The builder could not be started: ${cause}`, { cause });
    error.name = 'BuilderError';
    throw error;
  }
});

/** A builder that dies is known by its id alone: ec2-instance-state-change/fail-builder. One that has died by now is told here. */
async function keep(instanceId: string, { bake, taskToken }: Task): Promise<void> {
  await keepToken(env.WAITING_TABLE, instanceId, taskToken, new Date());
  const builder = (await builders(bake)).find((each) => each.instanceId === instanceId);
  // EC2 may not show it yet.
  if (!builder || builder.state === 'pending' || builder.state === 'running') return;
  await failTask(
    taskToken,
    'builder-gone',
    `The builder ${instanceId} is ${builder.state}, and has not signalled its end.`,
  );
}

async function start({
  bake,
  requestKey,
  imageId,
  validates,
  taskToken,
}: Task): Promise<{ instanceId: string } | Failure> {
  const { bake: spec, requestId, instanceName } = await bakeOf(env.REQUESTS_TABLE, requestKey);
  const script = await scriptOf((validates ? spec.validate : undefined) ?? spec.userData, userDataBuckets);
  if ('code' in script) return script;
  const signalling = { taskToken, region: env.AWS_REGION, endpoint: env.STATES_ENDPOINT };
  const userData = userDataFor(script, signalling);
  const bytes = Buffer.byteLength(userData);
  if (bytes > MOST_USER_DATA_BYTES) {
    const message = `The user data has ${bytes} bytes with Amity's part; EC2 takes ${MOST_USER_DATA_BYTES}. Put it into S3.`;
    return { code: 'invalid-request', message };
  }
  const image = await baseImage(imageId);
  if (!image) return { code: 'base-image-not-found', message: `EC2 has no image ${imageId} any more.` };
  const disks = disksFor(image, validates ? { encrypted: false } : spec);
  const deadline = deadlineOf(spec.timeoutMinutes, new Date());
  return runBuilder({ bake, requestId, instanceName, imageId, spec, disks, userData, deadline });
}
