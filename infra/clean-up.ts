import { Aws } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { DELETION_SWITCH } from '../shared/domain/retention/policy.ts';
import { BY_IMAGE } from '../shared/domain/retention/retired.ts';
import { DISABLED_AT_TAG, RECYCLE_TAG } from '../shared/domain/retention/stages.ts';
import { AmiCleaned } from '../shared/events/ami-cleaned.ts';
import { AmiRestoreFailed } from '../shared/events/ami-restore-failed.ts';
import { AmiRestored } from '../shared/events/ami-restored.ts';
import type { Config } from './config-schema.ts';
import type { LifecycleBus } from './constructs/lifecycle-bus.ts';
import type { RequestTables } from './constructs/request-tables.ts';
import {
  allow,
  changeOurs,
  describe,
  describeReferences,
  IMAGES,
  putEvents,
  SNAPSHOTS,
  tagOurs,
  useTable,
} from './permissions.ts';

export interface CleaningUp {
  readonly config: Config;
  readonly bus: LifecycleBus;
  readonly tables: RequestTables;
}

/** What every way into clean-up is told: shared/runtime/retention-environment.ts reads it. */
export function retentionEnvironment({ config, bus: { bus }, tables }: CleaningUp) {
  const { schedule: _, ...retention } = config.retention;
  return {
    BUS_NAME: bus.eventBusName,
    RETENTION: JSON.stringify(retention),
    RETIRED_TABLE: tables.retired.tableName,
  };
}

const SWITCH = `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${DELETION_SWITCH}`;
const USAGE_REPORTS = `arn:${Aws.PARTITION}:ec2:*:${Aws.ACCOUNT_ID}:image-usage-report/*`;

export const cleanUpPermissions = ({ config, bus: { bus }, tables }: CleaningUp): PolicyStatement[] => {
  const { regions } = config.retention;
  return [
    describe(
      'DescribeImages',
      'DescribeSnapshots',
      'DescribeInstances',
      'DescribeLaunchTemplates',
      'DescribeLaunchTemplateVersions',
      'DescribeImageAttribute',
      'DescribeImageUsageReports',
      'DescribeImageUsageReportEntries',
      'ListImagesInRecycleBin',
    ),
    allow(['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeLaunchConfigurations'], ['*']),
    ...describeReferences(),
    changeOurs(['DeregisterImage', 'DeleteSnapshot'], [...IMAGES(regions), ...SNAPSHOTS(regions)]),
    changeOurs(['EnableImageDeprecation', 'DisableImage', 'CreateImageUsageReport'], IMAGES(regions)),
    allow(['ec2:CreateImageUsageReport'], [USAGE_REPORTS]),
    tagOurs(['CreateTags'], [RECYCLE_TAG, DISABLED_AT_TAG], [...IMAGES(regions), ...SNAPSHOTS(regions)]),
    useTable(tables.retired, 'Query', 'BatchWriteItem'),
    allow(['ssm:GetParameter'], [SWITCH]),
    putEvents(bus, AmiCleaned),
  ];
};

export const restorePermissions = ({ config, bus: { bus }, tables }: CleaningUp): PolicyStatement[] => {
  const { regions } = config.retention;
  const images = IMAGES(regions);
  const snapshots = SNAPSHOTS(regions);
  return [
    describe('DescribeImages', 'ListImagesInRecycleBin'),
    changeOurs(
      ['RestoreImageFromRecycleBin', 'EnableImage', 'DisableImageDeprecation', 'ModifyImageAttribute'],
      images,
    ),
    changeOurs(['RestoreSnapshotFromRecycleBin'], snapshots),
    // Whatever tags it had: but nothing becomes ours by them, for it is already.
    changeOurs(['CreateTags'], [...images, ...snapshots]),
    tagOurs(['DeleteTags'], [RECYCLE_TAG, DISABLED_AT_TAG], [...images, ...snapshots]),
    useTable(tables.retired, 'Query', 'BatchWriteItem'),
    allow(['dynamodb:Query'], [`${tables.retired.tableArn}/index/${BY_IMAGE}`]),
    putEvents(bus, AmiRestored, AmiRestoreFailed),
  ];
};
