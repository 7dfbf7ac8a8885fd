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
  changeOurs,
  describe,
  describeReferences,
  imagesIn,
  snapshotsIn,
  tagOurs,
  usageReportsIn,
} from './ec2-permissions.ts';
import { allow, putEvents, readParameter, useTable } from './permissions.ts';
import { retentionSettings } from './retention-checks.ts';

export interface CleaningUp {
  readonly config: Config;
  readonly bus: LifecycleBus;
  readonly tables: RequestTables;
}

/** What every way into clean-up is told: shared/runtime/retention-environment.ts reads it. */
export const retentionEnvironment = ({ config, bus: { bus }, tables }: CleaningUp) => ({
  BUS_NAME: bus.eventBusName,
  RETENTION: retentionSettings(config.retention),
  RETIRED_TABLE: tables.retired.tableName,
});

/** @param regions others than its own, in which it cleans too */
export function cleanUpPermissions(
  { bus: { bus }, tables }: CleaningUp,
  regions: readonly string[] = [],
): PolicyStatement[] {
  const images = imagesIn(regions);
  const both = [...images, ...snapshotsIn(regions)];
  return [
    describe(
      'DescribeImages',
      'DescribeSnapshots',
      'DescribeInstances',
      'DescribeLaunchTemplates',
      'DescribeLaunchTemplateVersions',
      'DescribeImageUsageReports',
      'DescribeImageUsageReportEntries',
      'ListImagesInRecycleBin',
    ),
    allow(['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeLaunchConfigurations'], ['*']),
    ...describeReferences(),
    allow(['ec2:DescribeImageAttribute'], images),
    changeOurs(['DeregisterImage', 'DeleteSnapshot'], both),
    changeOurs(['EnableImageDeprecation', 'DisableImage', 'CreateImageUsageReport'], images),
    allow(['ec2:CreateImageUsageReport'], usageReportsIn(regions)),
    tagOurs(['CreateTags'], [RECYCLE_TAG], both),
    tagOurs(['CreateTags'], [DISABLED_AT_TAG], images),
    useTable(tables.retired, 'Query', 'BatchWriteItem'),
    readParameter(DELETION_SWITCH),
    putEvents(bus, AmiCleaned),
  ];
}

export function restorePermissions({ config, bus: { bus }, tables }: CleaningUp): PolicyStatement[] {
  const { regions } = config.retention;
  const images = imagesIn(regions);
  const snapshots = snapshotsIn(regions);
  return [
    describe('DescribeImages', 'ListImagesInRecycleBin'),
    changeOurs(
      ['RestoreImageFromRecycleBin', 'EnableImage', 'DisableImageDeprecation', 'ModifyImageAttribute'],
      images,
    ),
    changeOurs(['RestoreSnapshotFromRecycleBin'], snapshots),
    // Whatever tags it had, under whatever keys; nothing becomes ours by them, for it is already.
    changeOurs(['CreateTags'], [...images, ...snapshots]),
    tagOurs(['DeleteTags'], [RECYCLE_TAG, DISABLED_AT_TAG], images),
    tagOurs(['DeleteTags'], [RECYCLE_TAG], snapshots),
    useTable(tables.retired, 'Query', 'BatchWriteItem'),
    allow(['dynamodb:Query'], [`${tables.retired.tableArn}/index/${BY_IMAGE}`]),
    putEvents(bus, AmiRestored, AmiRestoreFailed),
  ];
}
