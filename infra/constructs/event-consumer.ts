import { Duration } from 'aws-cdk-lib';
import { type EventBus, type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type Code, EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow } from '../permissions.ts';
import { AmityFunction } from './amity-function.ts';
import { type DeadLetters, LONGEST_RETENTION } from './dead-letters.ts';

/** What is particular to one consumer. */
export interface Consumption {
  readonly description: string;
  readonly pattern: EventPattern;
  /** Default: the account's default bus, where AWS's own events are. */
  readonly bus?: EventBus;
  readonly timeout: Duration;
  /** Messages a call; default 1. */
  readonly batchSize?: number;
  /** Receives before a message is a dead letter; default 25, with growing pauses most of two days. */
  readonly maxReceiveCount?: number;
  readonly environment: Record<string, string>;
  readonly permissions: readonly PolicyStatement[];
}

export interface EventConsumerProps extends Consumption {
  readonly code: Code;
  readonly deadLetters: DeadLetters;
}

/** Functions of one consumer that run at once; its queue holds the rest. */
const MAX_CONCURRENCY = 2;

/** What a Lambda event source asks of the function's role, and hiding a message until it is worth a try. */
const CONSUME = [
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:ChangeMessageVisibility',
];

/** One way to act on one event: rule → queue of its own → function; what fails for good → dead letters. */
export class EventConsumer extends Construct {
  readonly queue: Queue;
  readonly function: AmityFunction;

  constructor(scope: Construct, id: string, props: EventConsumerProps) {
    super(scope, id);
    const { code, description, timeout, environment, permissions, deadLetters } = props;
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: LONGEST_RETENTION,
      // Six times: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(6 * timeout.toSeconds()),
      deadLetterQueue: { queue: deadLetters.queue, maxReceiveCount: props.maxReceiveCount ?? 25 },
    });
    this.function = new AmityFunction(this, 'Function', {
      code,
      description,
      timeout,
      environment: { ...environment, QUEUE_URL: this.queue.queueUrl },
      permissions: [allow(CONSUME, [this.queue.queueArn]), ...permissions],
    });
    new EventSourceMapping(this, 'Source', {
      target: this.function,
      eventSourceArn: this.queue.queueArn,
      batchSize: props.batchSize ?? 1,
      reportBatchItemFailures: true,
      maxConcurrency: MAX_CONCURRENCY,
    });
    this.deliver(props);
  }

  private deliver({ description, pattern, bus, deadLetters }: EventConsumerProps): void {
    new Rule(this, 'Rule', {
      description,
      eventPattern: pattern,
      ...(bus && { eventBus: bus }),
      targets: [
        new SqsQueue(this.queue, {
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
          deadLetterQueue: deadLetters.undeliveredByRules,
        }),
      ],
    });
  }
}
