import { randomUUID } from 'node:crypto';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { cleanUp } from '../../shared/aws/clean-up.ts';
import { retentionEnvironment } from '../../shared/runtime/retention-environment.ts';

const retention = retentionEnvironment();

/** Kept for the report when time runs out. */
const RESERVE_MS = 20_000;

/** The daily run over all names. It ends in an error when anything failed, so that nobody takes it for done. */
export const handler = middy(async (_event: unknown, context: Context) => {
  const failed = await cleanUp({
    ...retention,
    runId: randomUUID(),
    trigger: 'schedule',
    now: new Date(),
    hasTime: () => context.getRemainingTimeInMillis() > RESERVE_MS,
  });
  if (failed.length > 0) {
    const items = failed.map(({ imageId, code, message }) => `${imageId ?? 'run'}: ${code}: ${message}`);
    throw new Error(`Clean-up could not do everything: ${items.join('; ')}`);
  }
});
