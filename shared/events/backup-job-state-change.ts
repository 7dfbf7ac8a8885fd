import * as z from 'zod/mini';
import type { Envelope } from './event.ts';

/**
 * AWS Backup's own event, on the account's default bus.
 * Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
 */
const schema = z.object({ resourceArn: z.string(), resourceType: z.string(), state: z.string() });

const INSTANCE = /^arn:aws[a-z-]*:ec2:[^:]*:\d{12}:instance\/(?<instanceId>i-[0-9a-f]{8,17})$/;

export const BackupJobStateChange = {
  source: 'aws.backup',
  detailType: 'Backup Job State Change',
  resourceType: 'EC2',
  completed: 'COMPLETED',
  /** The instance that was backed up; nothing, where it was something else. */
  decode(envelope: Envelope) {
    const { resourceArn } = schema.parse(envelope.detail);
    return { instanceId: INSTANCE.exec(resourceArn)?.groups?.instanceId };
  },
};
