import { wake } from '../../shared/aws/state-machine.ts';
import { waitingToken } from '../../shared/aws/waiting-token.ts';
import { AutoScalingRefreshChange } from '../../shared/events/auto-scaling-refresh-change.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { environment, text } from '../../shared/runtime/environment.ts';
import { TryAgainLater } from '../../shared/runtime/errors.ts';

const env = environment({ WAITING_TABLE: text });

/** A workflow that looked just before the end, and waits just after it, is found by the second try; then its poll serves. */
const TRIES = 2;
const AGAIN_SECONDS = 5;

/** Lets the workflow that follows an instance refresh look at once. Nobody follows those that others began. */
export const handler = consumer(AutoScalingRefreshChange, async ({ refreshId }, { record }) => {
  const token = await waitingToken(env.WAITING_TABLE, refreshId);
  if (token && (await wake(token))) return;
  if (Number(record.attributes.ApproximateReceiveCount) >= TRIES) return;
  throw new TryAgainLater(`Nobody waits for ${refreshId} yet`, AGAIN_SECONDS);
});
