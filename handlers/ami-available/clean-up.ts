import { randomUUID } from 'node:crypto';
import { cleanUp } from '../../shared/aws/clean-up.ts';
import { AmiAvailable } from '../../shared/events/ami-available.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { retentionEnvironment } from '../../shared/runtime/retention-environment.ts';

const retention = retentionEnvironment();

/** Kept for the report when time runs out. */
const RESERVE_MS = 15_000;

/** Once an image is available, older ones of its name may go. What failed is in the report; the daily run tries again. */
export const handler = consumer(AmiAvailable, async ({ instanceName }, { context }) => {
  await cleanUp({
    ...retention,
    runId: randomUUID(),
    trigger: 'available',
    instanceName,
    now: new Date(),
    hasTime: () => context.getRemainingTimeInMillis() > RESERVE_MS,
  });
});
