import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { sweepBuilders } from '../../shared/aws/bake/sweep.ts';
import { ec2ErrorFacts } from '../../shared/aws/ec2.ts';
import { type CleanedUp, cleanUp } from '../../shared/aws/retention/clean-up.ts';
import { ACTIONS } from '../../shared/domain/retention/planned.ts';
import { log } from '../../shared/runtime/log.ts';
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

type Failed = NonNullable<CleanedUp['report']>['failed'];

/** Builders that stay are a failure of the run; images are cleaned all the same. */
function asFailures(error: unknown): Failed {
  log.error('Builders could not be swept', { error });
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  return errors.map(ec2ErrorFacts).map(({ name: code, message }) => ({
    code,
    message: `What a bake left behind stays: ${message}`,
  }));
}

/**
 * The daily run over all names, in all regions, and over what bakes have left behind; or a saved plan. A call without a run
 * id is a run by itself: it ends in an error when anything failed, so that nobody takes it for done.
 */
export const handler = middy(async (event: unknown, context: Context): Promise<CleanedUp> => {
  const { runId, startedAt, last = !runId, apply } = Call.parse(event);
  const leftBehind = apply ? [] : ((await sweepBuilders(new Date()).catch(asFailures)) ?? []);
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
  const failed = [...leftBehind, ...(cleaned.report?.failed ?? [])];
  if (!runId && failed.length > 0) {
    const items = failed.map(({ imageId, code, message }) => `${imageId ?? 'run'}: ${code}: ${message}`);
    throw new Error(`Clean-up could not do everything: ${items.join('; ')}`);
  }
  // An answer has its limit, and the report is in AmiCleaned.
  const counts = {
    deleted: 0,
    kept: 0,
    ...cleaned.report?.counts,
    failed: (cleaned.report?.counts.failed ?? 0) + leftBehind.length,
  };
  const isTold = cleaned.report !== undefined || leftBehind.length > 0;
  return { ...cleaned, report: isTold ? { counts, failed: failed.slice(0, MOST_TOLD) } : undefined };
});
