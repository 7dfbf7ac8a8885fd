import middy from '@middy/core';
import * as z from 'zod/mini';
import { bakeOf } from '../../shared/aws/bake/bake-of.ts';
import { giveUpBake } from '../../shared/aws/bake/give-up-bake.ts';
import { howItFailed } from '../../shared/domain/bake/how-it-failed.ts';
import { BAKE_STAGES } from '../../shared/domain/bake/stages.ts';
import type { Failure } from '../../shared/domain/failures.ts';
import { log } from '../../shared/runtime/log.ts';
import { requestEnvironment } from '../../shared/runtime/request-environment.ts';

const { table, announcing } = requestEnvironment();

const Ended = z.object({
  requestKey: z.string(),
  attempt: z.int(),
  validates: z.boolean(),
  fall: z.object({ stage: z.enum(BAKE_STAGES), error: z.string(), cause: z.string() }),
  console: z.optional(z.string()),
});

type Verdict = Failure & { readonly verdict: 'failed' };

/** Says why a bake failed, and ends its request so. Of a validation the waiter does that, which knows of the image. */
export const handler = middy(async (event: unknown): Promise<Verdict> => {
  const { requestKey, attempt, validates, fall, console } = Ended.parse(event);
  const { bake } = await bakeOf(table.tableName, requestKey);
  const failure = howItFailed({ fall, timeoutMinutes: bake.timeoutMinutes, console });
  log.warn('A bake failed', { code: failure.code, stage: failure.stage, requestKey, attempt });
  if (!validates) await giveUpBake({ requestKey, attempt }, failure, announcing);
  return { verdict: 'failed', ...failure };
});
