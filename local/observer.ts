import { randomUUID } from 'node:crypto';
import {
  DeleteRuleCommand,
  EventBridgeClient,
  type EventBridgeClientConfig,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { Envelope } from '../shared/events/event.ts';

export interface Observer {
  /** Every event so far, in the order of arrival. */
  readonly events: readonly Envelope[];
  onEvent: (event: Envelope) => void;
  stop(): Promise<void>;
  /** Removes what the subscription made; for an account that stays when this is over. */
  remove(): Promise<void>;
}

/** A bus and what is wanted of it. */
export interface Subscription {
  readonly bus: string;
  readonly pattern: object;
}

/** Subscribes as any other system would: with rules of its own into a queue of its own. */
export async function observe(
  clientConfig: Pick<EventBridgeClientConfig, 'region' | 'endpoint' | 'credentials'>,
  subscriptions: readonly Subscription[],
): Promise<Observer> {
  const sqs = new SQSClient(clientConfig);
  const bridge = new EventBridgeClient(clientConfig);
  const name = `amity-observer-${randomUUID()}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const Arn = Attributes?.QueueArn ?? '';
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: deliverable(Arn) } }));
  for (const { bus, pattern } of subscriptions) {
    const rule = { Name: name, EventBusName: bus, EventPattern: JSON.stringify(pattern) };
    await bridge.send(new PutRuleCommand(rule));
    await bridge.send(
      new PutTargetsCommand({ Rule: name, EventBusName: bus, Targets: [{ Id: 'queue', Arn }] }),
    );
  }
  const events: Envelope[] = [];
  const stopping = new AbortController();
  const observer: Observer = { events, onEvent: () => {}, stop, remove };
  const polling = poll();
  return observer;

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      const { Messages = [] } = await receive();
      for (const { Body = '' } of Messages) {
        const event = Envelope.parse(JSON.parse(Body));
        events.push(event);
        observer.onEvent(event);
      }
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }

  function receive() {
    return sqs
      .send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }), {
        abortSignal: stopping.signal,
      })
      .catch((error) => {
        if (stopping.signal.aborted) return { Messages: [] };
        throw error;
      });
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await polling;
  }

  async function remove(): Promise<void> {
    for (const { bus } of subscriptions) {
      await bridge.send(new RemoveTargetsCommand({ Rule: name, EventBusName: bus, Ids: ['queue'] }));
      await bridge.send(new DeleteRuleCommand({ Name: name, EventBusName: bus }));
    }
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  }
}

const deliverable = (Resource: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource,
      },
    ],
  });
