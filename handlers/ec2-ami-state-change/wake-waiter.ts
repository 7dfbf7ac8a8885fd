import { wake } from '../../shared/aws/state-machine.ts';
import { waitingToken } from '../../shared/aws/waiting-token.ts';
import { Ec2AmiStateChange } from '../../shared/events/ec2-ami-state-change.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { environment, text } from '../../shared/runtime/environment.ts';

const env = environment({ WAITING_TABLE: text });

/** Lets the waiter of an image look at once. No token: the image is not ours, or nobody waits for it yet. */
export const handler = consumer(Ec2AmiStateChange, async ({ ImageId }) => {
  const token = await waitingToken(env.WAITING_TABLE, ImageId);
  if (token) await wake(token);
});
