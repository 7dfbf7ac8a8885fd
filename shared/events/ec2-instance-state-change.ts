import * as z from 'zod/mini';
import type { Envelope } from './event.ts';

/**
 * EC2's own event, on the account's default bus, best effort.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html
 */
const schema = z.object({ 'instance-id': z.string(), state: z.string() });

export const Ec2InstanceStateChange = {
  source: 'aws.ec2',
  detailType: 'EC2 Instance State-change Notification',
  /** The states in which an instance does nothing (any more). */
  ending: ['stopping', 'stopped', 'shutting-down', 'terminated'],
  decode(envelope: Envelope) {
    const { 'instance-id': instanceId, state } = schema.parse(envelope.detail);
    return { instanceId, state };
  },
};
