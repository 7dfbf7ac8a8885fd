import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ListMessageMoveTasksCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
let sqs: SQSClient;

async function makeQueue(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
  return String((await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl);
}

async function take(QueueUrl: string): Promise<Message[]> {
  const input = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const] };
  return (await sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
}

beforeAll(() => {
  sqs = new SQSClient({ ...suite.aws.clientConfig, maxAttempts: 1 });
});

describe('StartMessageMoveTask', () => {
  it('brings each letter back to the queue that it came from, as a new message', async () => {
    const dead = await makeQueue('dead');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 1 });
    const queues = [];
    for (const name of ['a', 'b'])
      queues.push(await makeQueue(name, { RedrivePolicy, VisibilityTimeout: '0' }));
    for (const QueueUrl of queues) {
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: QueueUrl }));
      await take(QueueUrl);
      expect(await take(QueueUrl)).toEqual([]);
    }
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn('dead') }));
    await vi.waitFor(async () => {
      const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arn('dead') }));
      expect(Results).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 2 }]);
    });
    for (const QueueUrl of queues) {
      const [message] = await take(QueueUrl);
      expect(message).toMatchObject({ Body: QueueUrl, Attributes: { ApproximateReceiveCount: '1' } });
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    }
    expect(await take(dead)).toEqual([]);
  });

  it('fails on a letter that SQS itself did not bring, and refuses a queue that is no dead-letter queue', async () => {
    const dead = await makeQueue('dead-2');
    const start = () => sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn('dead-2') }));
    expect((await errorOf(start())).name).toBe('InvalidParameterValue');
    await makeQueue('c', {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead-2'), maxReceiveCount: 1 }),
    });
    await sqs.send(new SendMessageCommand({ QueueUrl: dead, MessageBody: 'sent here' }));
    await start();
    await vi.waitFor(async () => {
      const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arn('dead-2') }));
      expect(Results).toMatchObject([{ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' }]);
    });
    const unknown = new StartMessageMoveTaskCommand({ SourceArn: arn('nowhere') });
    expect((await errorOf(sqs.send(unknown))).name).toBe('ResourceNotFoundException');
  });
});
