import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { type BakeRecord, bakeOf } from '../../shared/aws/bake/bake-of.ts';
import { makeImage } from '../../shared/aws/make-image.ts';
import { announce, settle } from '../../shared/aws/settle-request.ts';
import { BASE_IMAGE_TAG, NOT_VALIDATED } from '../../shared/domain/bake/builder.ts';
import type { Fall } from '../../shared/domain/bake/how-it-failed.ts';
import type { Failure } from '../../shared/domain/failures.ts';
import type { RequestRecord } from '../../shared/domain/request.ts';
import { FAILED_TAG } from '../../shared/domain/retention/guards.ts';
import { requestEnvironment } from '../../shared/runtime/request-environment.ts';

const { table, announcing } = requestEnvironment();

const Question = z.object({
  requestKey: z.string(),
  attempt: z.int(),
  stoppedId: z.string(),
  baseImageId: z.string(),
  /** When the bake began. */
  startedAt: z.iso.datetime({ offset: true }),
});
type Question = z.infer<typeof Question>;

type Answer = { readonly created: boolean } | { readonly failed: Fall };

/** How long EC2 may say "later": a builder's own deadline (shared/domain/bake/builder.ts) comes after that. */
const MOST_MINUTES = 120;
/** Time kept for recording and announcing. */
const RESERVE_MS = 15_000;

/** Images the builder, and announces the image as that of its request; the waiter has it from there. */
export const handler = middy(async (event: unknown, context: Context): Promise<Answer> => {
  const question = Question.parse(event);
  const record = await bakeOf(table.tableName, question.requestKey);
  if (record.attempt !== question.attempt)
    return failed({ code: 'bake-error', message: 'Another attempt has begun.' });
  if (record.state !== 'creating') return announced(record);
  const made = await makeImage(
    table,
    {
      record: baked(record, question.baseImageId),
      candidates: [builder(question, record)],
      none: {
        code: 'builder-gone',
        message: `The builder ${question.stoppedId} was terminated before it was imaged.`,
      },
    },
    {
      hasTime: () => context.getRemainingTimeInMillis() > RESERVE_MS,
      signal: AbortSignal.timeout(context.getRemainingTimeInMillis() - RESERVE_MS / 3),
    },
  );
  if ('later' in made)
    return isTooLate(question, record) ? failed(deadlineExceeded(made.later)) : { created: false };
  if (made.settled.failure) return failed(made.settled.failure);
  await settle(made.settled, announcing);
  return { created: true };
});

/** An earlier call may have ended between the record and the bus. */
async function announced(record: RequestRecord): Promise<Answer> {
  if (record.failure) return failed(record.failure);
  if (!record.announced) await announce(record, announcing);
  return { created: true };
}

/** The image says what it was baked from, and that it is not to be used before it is validated. */
const baked = (record: BakeRecord, baseImageId: string): RequestRecord => ({
  ...record,
  bake: { ...record.bake, baseImageId },
  tags: {
    ...record.tags,
    [BASE_IMAGE_TAG]: baseImageId,
    ...(record.bake.validate && { [FAILED_TAG]: NOT_VALIDATED }),
  },
});

const builder = ({ stoppedId, startedAt }: Question, { instanceName }: RequestRecord) => ({
  instanceId: stoppedId,
  name: instanceName,
  state: 'stopped',
  launchedAt: new Date(startedAt),
  rootDeviceType: 'ebs',
});

const isTooLate = ({ startedAt }: Question, { bake }: BakeRecord) =>
  Date.now() > Date.parse(startedAt) + (bake.timeoutMinutes + MOST_MINUTES) * 60_000;

const deadlineExceeded = (why: string): Failure => ({
  code: 'deadline-exceeded',
  message: `EC2 has not imaged the builder within ${MOST_MINUTES} minutes. It said last: ${why}`,
});

const failed = ({ code, message }: Failure): Answer => ({
  failed: { stage: 'create-image', error: code, cause: message },
});
