import * as z from 'zod/mini';
import type { Envelope } from './event.ts';

/**
 * Auto Scaling's own events of an instance refresh, on the account's default bus, best effort.
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
 */
const schema = z.object({ InstanceRefreshId: z.string(), AutoScalingGroupName: z.string() });

const OF_A_REFRESH = 'EC2 Auto Scaling Instance Refresh';

export const AutoScalingRefreshChange = {
  source: 'aws.autoscaling',
  /** Of those that tell an end; its progress is nobody's business but EC2's. */
  detailTypes: ['Succeeded', 'Failed', 'Cancelled', 'Rollback Succeeded', 'Rollback Failed'].map(
    (end) => `${OF_A_REFRESH} ${end}`,
  ),
  decode(envelope: Envelope) {
    const { InstanceRefreshId: refreshId, AutoScalingGroupName: groupName } = schema.parse(envelope.detail);
    return { refreshId, groupName };
  },
};
