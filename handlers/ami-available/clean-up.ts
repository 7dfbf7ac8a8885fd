import { cleanUp } from '../../shared/aws/retention/clean-up.ts';
import { AmiAvailable } from '../../shared/events/ami-available.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { TryAgainLater } from '../../shared/runtime/errors.ts';
import { retentionEnvironment } from '../../shared/runtime/retention-environment.ts';

const environment = retentionEnvironment();

/** Enough for ten images more, and for the report. */
const RESERVE_MS = 60_000;

/**
 * Once an image is available, older ones of its name may go. The message names the run, so that another delivery goes on
 * with it. What failed is in the report; the daily run tries again.
 */
export const handler = consumer(AmiAvailable, async ({ instanceName, region }, { context, record }) => {
  const { done } = await cleanUp({
    ...environment,
    cleaned: [region],
    runId: record.messageId,
    trigger: 'available',
    instanceName,
    now: new Date(),
    hasTime: () => context.getRemainingTimeInMillis() > RESERVE_MS,
    continues: true,
  });
  if (!done) throw new TryAgainLater('The time of this function is over; the run goes on in another one', 1);
});
