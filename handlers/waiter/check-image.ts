import middy from '@middy/core';
import * as z from 'zod/mini';
import { ec2, ec2ErrorFacts } from '../../shared/aws/ec2.ts';
import { imageById, type OwnedImage } from '../../shared/aws/images.ts';
import { tag, untag } from '../../shared/aws/tag-images.ts';
import { NOT_VALIDATED } from '../../shared/domain/bake/builder.ts';
import { kindOf } from '../../shared/domain/ec2-error.ts';
import { type Verdict, verdictOn } from '../../shared/domain/image-verdict.ts';
import { FAILED_TAG } from '../../shared/domain/retention/guards.ts';
import { environment, whole } from '../../shared/runtime/environment.ts';
import { log } from '../../shared/runtime/log.ts';

const env = environment({ TIMEOUT_MINUTES: whole });

/** What the state machine asks: about which image, and since when it waits. */
const Question = z.object({
  imageId: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  /** Whether it is to be validated before it is announced. */
  validates: z.optional(z.boolean()),
});

/**
 * Looks at an image once and says what the waiter does next. Where EC2 is busy or out of order it says
 * `pending`, which tries again at the next poll; what can never pass is thrown, and ends the waiter as
 * `waiter-error`.
 */
export const handler = middy(async (event: unknown): Promise<Verdict> => {
  const { imageId, startedAt, validates } = Question.parse(event);
  const waiting = {
    imageId,
    startedAt: new Date(startedAt),
    timeoutMinutes: env.TIMEOUT_MINUTES,
    now: new Date(),
  };
  try {
    const image = await imageById(imageId);
    const verdict = verdictOn(image, waiting);
    if (verdict.verdict === 'available' && image) await marked(image, validates ? NOT_VALIDATED : undefined);
    return await told(imageId, verdict, image);
  } catch (error) {
    const kind = kindOf(ec2ErrorFacts(error));
    if (kind !== 'slow-down' && kind !== 'unknown-outcome') throw error;
    log.warn('The image could not be read; its waiter looks again later', { imageId, error });
    return await told(imageId, verdictOn({ state: 'pending', createdAt: '', snapshotIds: [] }, waiting));
  }
});

/**
 * The alarm counts these lines by their code: infra/constructs/alarms.ts. An image that is given up while EC2 still makes
 * it says so itself: if it becomes available after all, it is nobody's newest, and retention takes it away in time.
 */
async function told(imageId: string, verdict: Verdict, image?: OwnedImage): Promise<Verdict> {
  if (verdict.verdict === 'failed') log.warn('An image failed', { code: verdict.code, imageId });
  if (verdict.verdict === 'failed' && image?.state === 'pending') {
    await tag([imageId], { [FAILED_TAG]: verdict.code }, ec2).catch((error) =>
      log.error('The image does not say that it was given up', { imageId, error }),
    );
  }
  return verdict;
}

/** An image that an earlier attempt gave up is announced after all, now or when it is validated. */
async function marked({ imageId, tags }: OwnedImage, mark: string | undefined): Promise<void> {
  if (tags[FAILED_TAG] === mark) return;
  if (mark) await tag([imageId], { [FAILED_TAG]: mark }, ec2);
  else await untag([imageId], [FAILED_TAG], ec2);
}
