import * as z from 'zod/mini';
import type { Envelope } from './event.ts';

/**
 * EC2's own event, on the account's default bus, best effort.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-ami-events.html
 */
const schema = z.object({ ImageId: z.string(), State: z.string() });

export const Ec2AmiStateChange = {
  source: 'aws.ec2',
  detailType: 'EC2 AMI State Change',
  decode: (envelope: Envelope) => schema.parse(envelope.detail),
};
