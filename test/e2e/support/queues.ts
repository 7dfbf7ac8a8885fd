import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Session } from '../../../local/session.ts';
import { until } from './flow.ts';

/** The queue of a consumer, by its construct: `AmiRequested/CreateImage`. */
export async function queueOf({ aws }: Session, consumer: string): Promise<string> {
  const { QueueUrls = [] } = await new SQSClient(aws.clientConfig).send(new ListQueuesCommand({}));
  const start = `Amity-${consumer.replace('/', '')}Queue`;
  const found = QueueUrls.filter((url) => url.split('/').at(-1)?.startsWith(start));
  if (found.length !== 1) throw new Error(`${found.length} queues begin with ${start}: ${QueueUrls}`);
  return String(found[0]);
}

/** Messages that wait, are at work, or are hidden. */
export async function messagesIn({ aws }: Session, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await new SQSClient(aws.clientConfig).send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: hidden } = Attributes;
  return Number(waiting) + Number(hidden);
}

/** Waits until a consumer has nothing left to do. */
export async function untilDone(session: Session, consumer: string, seconds = 60): Promise<void> {
  const queue = await queueOf(session, consumer);
  await until(`${consumer} is done`, async () => (await messagesIn(session, queue)) === 0, seconds);
}
