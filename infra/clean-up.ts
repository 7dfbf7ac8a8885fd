import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AmiCleaned } from '../shared/events/ami-cleaned.ts';
import type { Config } from './config-schema.ts';
import type { LifecycleBus } from './constructs/lifecycle-bus.ts';
import { deleteOurImages, describe, describeReferences, putEvents } from './permissions.ts';

/** What both ways into clean-up are told: shared/runtime/retention-environment.ts reads it. */
export const retentionEnvironment = ({ retention }: Config, { bus }: LifecycleBus) => ({
  BUS_NAME: bus.eventBusName,
  RETENTION_DAYS: String(retention.days),
  KEEP_NEWEST: String(retention.keepNewest),
  MAX_DELETIONS: String(retention.maxDeletionsPerRun),
});

export const cleanUpPermissions = ({ bus }: LifecycleBus): PolicyStatement[] => [
  describe('DescribeImages', 'DescribeSnapshots'),
  ...describeReferences(),
  deleteOurImages(),
  putEvents(bus, AmiCleaned),
];
