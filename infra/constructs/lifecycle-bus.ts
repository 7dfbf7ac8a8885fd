import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnArchive, EventBus } from 'aws-cdk-lib/aws-events';
import { AccountPrincipal, AnyPrincipal, type IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AmiRequested } from '../../shared/events/ami-requested.ts';
import type { Config } from '../config-schema.ts';
import { onlyEntries } from '../permissions.ts';

/** The bus on which everything happens, and the archive that can make it happen again. */
export class LifecycleBus extends Construct {
  readonly bus: EventBus;
  readonly archiveArn: string;

  constructor(scope: Construct, id: string, { busName, archive, publishers }: Config) {
    super(scope, id);
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: busName,
      description: 'The life of machine images: requested, created, available, failed, cleaned',
    });
    // Without a pattern it takes every event, other accounts' requests too. What is replayed is not archived again.
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html
    const events = new CfnArchive(this, 'Archive', {
      sourceArn: this.bus.eventBusArn,
      description: `Everything on ${busName}, for ${archive.retentionDays} days`,
      retentionDays: archive.retentionDays,
    });
    // The history of what was made and deleted: it costs next to nothing, and ends by itself.
    events.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.archiveArn = events.attrArn;
    for (const accountId of publishers.accounts) {
      this.letRequest(`Account${accountId}`, new AccountPrincipal(accountId));
    }
    if (publishers.organizationId) {
      const member = { 'aws:PrincipalOrgID': publishers.organizationId };
      this.letRequest('Organization', new AnyPrincipal(), member);
    }
  }

  /** Others may ask for an image, and announce nothing. */
  private letRequest(who: string, principal: IPrincipal, is?: Record<string, string>): void {
    this.bus.addToResourcePolicy(
      new PolicyStatement({
        sid: `${who}MayRequest`,
        principals: [principal],
        actions: ['events:PutEvents'],
        resources: [this.bus.eventBusArn],
        conditions: {
          ...(is && { StringEquals: is }),
          ...onlyEntries({ 'events:detail-type': [AmiRequested.detailType] }),
        },
      }),
    );
  }
}
