import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { BY_IMAGE } from '../../shared/domain/retention/retired.ts';
import { acknowledge } from '../acknowledge.ts';

/** What Amity knows of its requests, and what it did once and must not do again. */
export class RequestTables extends Construct {
  /** An item for each request, for each image that leads to its request, and for each Idempotency-Key. */
  readonly requests: Table;
  /** Task tokens: of each waiter that awaits a change of its image, and of each bake that awaits its builder. */
  readonly waiting: Table;
  /** Which receiver has been told what. */
  readonly notified: Table;
  /** What became of each image that retention touched, and what it takes to undo it. */
  readonly retired: Table;
  /** What was rolled out last to each launch template and pointer, and who is at work on it. */
  readonly rollouts: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.requests = new Table(this, 'Requests', {
      ...table('key', 'expiresAt'),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // It is what makes a replay of the archive, which outlives the stack too, safe.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.waiting = new Table(this, 'Waiting', table('id', 'expiresAt'));
    this.notified = new Table(this, 'Notified', table('id', 'expiration'));
    this.retired = new Table(this, 'Retired', {
      ...table('runId', 'expiresAt'),
      sortKey: { name: 'id', type: AttributeType.STRING },
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // It alone knows with whom a disabled image was shared.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.retired.addGlobalSecondaryIndex({
      indexName: BY_IMAGE,
      partitionKey: { name: 'imageId', type: AttributeType.STRING },
      sortKey: { name: 'at', type: AttributeType.STRING },
    });
    this.rollouts = new Table(this, 'Rollouts', {
      ...table('id', 'expiresAt'),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // It knows which images were rolled back, when those are gone.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const reason = 'Tokens live for minutes, and a lost mark costs a second card: nothing to restore.';
    acknowledge(this.waiting, reason, 'DDB3');
    acknowledge(this.notified, reason, 'DDB3');
  }
}

const table = (partitionKey: string, timeToLiveAttribute: string) => ({
  partitionKey: { name: partitionKey, type: AttributeType.STRING },
  timeToLiveAttribute,
  billingMode: BillingMode.PAY_PER_REQUEST,
  encryption: TableEncryption.AWS_MANAGED,
  removalPolicy: RemovalPolicy.DESTROY,
});
