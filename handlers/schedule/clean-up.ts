import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { type CleanedUp, cleanUp } from '../../shared/aws/retention/clean-up.ts';
import { ACTIONS } from '../../shared/domain/retention/planned.ts';
import { retentionEnvironment } from '../../shared/runtime/retention-environment.ts';

const environment = retentionEnvironment();

/** Enough for ten images more in each region, and for the report. */
const RESERVE_MS = 90_000;

/** Failures in the answer of a call. */
const MOST_TOLD = 20;

/** Nothing, for a run of one call; or which run this call goes on with. */
const Call = z.object({
  runId: z.optional(z.string()),
  /** When the run began: its ages count from there. */
  startedAt: z.optional(z.iso.datetime({ offset: true })),
  /** Whether this is the last call of its run, whatever is left to do. */
  last: z.optional(z.boolean()),
  /** A saved plan: what it says of each image or snapshot. */
  apply: z.optional(z.record(z.string(), z.enum(ACTIONS))),
});

/**
 * The daily run over all names, in all regions; or a saved plan. A call without a run id is a run by itself: it ends in an
 * error when anything failed, so that nobody takes it for done.
 */
export const handler = middy(async (event: unknown, context: Context): Promise<CleanedUp> => {
  const { runId, startedAt, last = !runId, apply } = Call.parse(event);
  const cleaned = await cleanUp({
    ...environment,
    cleaned: environment.regions,
    runId: runId ?? context.awsRequestId,
    trigger: apply ? 'apply' : 'schedule',
    saved: apply && new Map(Object.entries(apply)),
    now: startedAt ? new Date(startedAt) : new Date(),
    hasTime: () => context.getRemainingTimeInMillis() > RESERVE_MS,
    continues: !last,
  });
  const failed = cleaned.report?.failed ?? [];
  if (!runId && failed.length > 0) {
    const items = failed.map(({ imageId, code, message }) => `${imageId ?? 'run'}: ${code}: ${message}`);
    throw new Error(`Clean-up could not do everything: ${items.join('; ')}`);
  }
  // An answer has its limit, and the report is in AmiCleaned.
  return { ...cleaned, report: cleaned.report && { ...cleaned.report, failed: failed.slice(0, MOST_TOLD) } };
});
