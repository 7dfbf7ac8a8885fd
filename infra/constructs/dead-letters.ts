import { Aws, Duration } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

/** The longest that SQS keeps a message. A dead letter counts from when it was first sent. */
export const LONGEST_RETENTION = Duration.days(14);

/**
 * Where everything ends that could not be done. Two queues, because SQS's move task brings back only what
 * SQS's own redrive brought: one letter of another kind would stop it.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 */
export class DeadLetters extends Construct {
  /** Messages that a consumer could not process, of every consumer's queue. */
  readonly queue: Queue;
  /** Events that never reached a queue or a function. */
  readonly undelivered: Queue;
  /** The same for rules, of which each would add a statement to its policy: SQS takes 20. */
  readonly undeliveredByRules: IQueue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const props = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: LONGEST_RETENTION,
    };
    this.queue = new Queue(this, 'Queue', props);
    this.undelivered = new Queue(this, 'Undelivered', props);
    this.undelivered.addToResourcePolicy(rulesMaySend(this.undelivered));
    this.undeliveredByRules = Queue.fromQueueArn(this, 'OfRules', this.undelivered.queueArn);
    acknowledge(this.undelivered, 'It is itself the last stop, of EventBridge and Scheduler.', 'SQS3');
  }
}

/**
 * The rules of this account, on whichever bus, in one statement.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html and
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
 */
const rulesMaySend = ({ queueArn }: Queue) =>
  new PolicyStatement({
    sid: 'OurRulesMaySend',
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queueArn],
    conditions: {
      ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:rule/*` },
    },
  });
