import middy from '@middy/core';
import * as z from 'zod/mini';
import { ec2ErrorFacts } from '../../shared/aws/ec2.ts';
import { imageById } from '../../shared/aws/images.ts';
import { kindOf } from '../../shared/domain/ec2-error.ts';
import { type Verdict, verdictOn } from '../../shared/domain/image-verdict.ts';
import { environment, whole } from '../../shared/runtime/environment.ts';
import { log } from '../../shared/runtime/log.ts';

const env = environment({ TIMEOUT_MINUTES: whole });

/** What the state machine asks: about which image, and since when it waits. */
const Question = z.object({ imageId: z.string(), startedAt: z.iso.datetime({ offset: true }) });

/**
 * Looks at an image once and says what the waiter does next. Where EC2 is busy or out of order it says
 * `pending`, which tries again at the next poll; what can never pass is thrown, and ends the waiter as
 * `waiter-error`.
 */
export const handler = middy(async (event: unknown): Promise<Verdict> => {
  const { imageId, startedAt } = Question.parse(event);
  const waiting = {
    imageId,
    startedAt: new Date(startedAt),
    timeoutMinutes: env.TIMEOUT_MINUTES,
    now: new Date(),
  };
  try {
    return told(imageId, verdictOn(await imageById(imageId), waiting));
  } catch (error) {
    const kind = kindOf(ec2ErrorFacts(error));
    if (kind !== 'slow-down' && kind !== 'unknown-outcome') throw error;
    log.warn('The image could not be read; its waiter looks again later', { imageId, error });
    return told(imageId, verdictOn({ state: 'pending', createdAt: '', snapshotIds: [] }, waiting));
  }
});

/** The alarm counts these lines by their code: infra/constructs/alarms.ts. */
function told(imageId: string, verdict: Verdict): Verdict {
  if (verdict.verdict === 'failed') log.warn('An image failed', { code: verdict.code, imageId });
  return verdict;
}
