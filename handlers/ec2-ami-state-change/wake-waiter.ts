import { requestOfImage } from '../../shared/aws/request-store.ts';
import { wake } from '../../shared/aws/state-machine.ts';
import { waitingToken } from '../../shared/aws/waiting-token.ts';
import { Ec2AmiStateChange } from '../../shared/events/ec2-ami-state-change.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { environment, text } from '../../shared/runtime/environment.ts';
import { TryAgainLater } from '../../shared/runtime/errors.ts';

const env = environment({ REQUESTS_TABLE: text, WAITING_TABLE: text });

/** A waiter that looked just before the change, and waits just after it, is found by the next try. */
const TRIES = 6;
const AGAIN_SECONDS = 5;

/** Lets the waiter of an image look at once. Other images of the account are nobody's business here. */
export const handler = consumer(Ec2AmiStateChange, async ({ ImageId }, { record }) => {
  const token = await waitingToken(env.WAITING_TABLE, ImageId);
  if (token && (await wake(token))) return;
  const triedEnough = Number(record.attributes.ApproximateReceiveCount) >= TRIES;
  if (triedEnough || !(await isAwaited(ImageId))) return;
  throw new TryAgainLater(`The waiter of ${ImageId} does not wait yet`, AGAIN_SECONDS);
});

async function isAwaited(imageId: string): Promise<boolean> {
  const request = await requestOfImage(env.REQUESTS_TABLE, imageId);
  return request?.state === 'created' && request.imageId === imageId;
}
