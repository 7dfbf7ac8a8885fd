import { CfnRule } from 'aws-cdk-lib/aws-rbin';
import { Construct } from 'constructs';
import { RECYCLE_TAG } from '../../shared/domain/retention/stages.ts';

/**
 * What clean-up deletes can be brought back for so many days, images with their snapshots. CloudFormation wants a tag
 * with its value, hence one of its own, set before the deletion. AWS lets the first rule of an account take half an hour
 * to hold.
 * Source: https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin-working-with-rules.html
 */
export class RecycleBin extends Construct {
  constructor(scope: Construct, id: string, { days }: { readonly days: number }) {
    super(scope, id);
    for (const [name, resourceType] of [
      ['Images', 'EC2_IMAGE'],
      ['Snapshots', 'EBS_SNAPSHOT'],
    ] as const) {
      new CfnRule(this, name, {
        description: `What Amity deletes, for ${days} days`,
        resourceType,
        resourceTags: [{ resourceTagKey: RECYCLE_TAG, resourceTagValue: 'true' }],
        retentionPeriod: { retentionPeriodUnit: 'DAYS', retentionPeriodValue: days },
      });
    }
  }
}
