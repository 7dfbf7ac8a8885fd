import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { Envelope } from '../shared/events/event.ts';
import type { EmbeddedAws } from './embedded-aws.ts';

export interface Observer {
  /** Every event so far, in the order of arrival. */
  readonly events: readonly Envelope[];
  onEvent: (event: Envelope) => void;
  stop(): Promise<void>;
}

/** Subscribes as any other system would: a rule of its own on the bus, and on EC2's events, into a queue. */
export async function observe(aws: EmbeddedAws, busName: string): Promise<Observer> {
  const sqs = new SQSClient(aws.clientConfig);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'observer' }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const queueArn = Attributes?.QueueArn ?? '';
  await subscribe(aws, busName, { account: [aws.account] }, queueArn);
  await subscribe(aws, 'default', { source: ['aws.ec2'] }, queueArn);
  const events: Envelope[] = [];
  const stopping = new AbortController();
  const observer: Observer = { events, onEvent: () => {}, stop };
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
}

async function subscribe(aws: EmbeddedAws, bus: string, pattern: object, Arn: string): Promise<void> {
  const events = new EventBridgeClient(aws.clientConfig);
  const rule = { Name: 'observer', EventBusName: bus };
  await events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify(pattern) }));
  const Targets = [{ Id: 'observer', Arn }];
  await events.send(new PutTargetsCommand({ Rule: rule.Name, EventBusName: bus, Targets }));
}
