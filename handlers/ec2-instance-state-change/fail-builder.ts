import { failTask } from '../../shared/aws/state-machine.ts';
import { waitingToken } from '../../shared/aws/waiting-token.ts';
import { Ec2InstanceStateChange } from '../../shared/events/ec2-instance-state-change.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { environment, text } from '../../shared/runtime/environment.ts';
import { log } from '../../shared/runtime/log.ts';

const env = environment({ WAITING_TABLE: text });

/**
 * A builder that stops or dies before it has signalled will not signal any more. After its signal nobody waits, and other
 * instances of the account have no token: both are nobody's business here. The bake's time-out is there for an event that
 * never comes.
 */
export const handler = consumer(Ec2InstanceStateChange, async ({ instanceId, state }) => {
  const token = await waitingToken(env.WAITING_TABLE, instanceId);
  const cause = `The builder ${instanceId} is ${state}, and has not signalled its end.`;
  if (token && (await failTask(token, 'builder-gone', cause))) log.warn(cause);
});
