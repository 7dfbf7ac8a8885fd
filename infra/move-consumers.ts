import { Aws, Duration } from 'aws-cdk-lib';
import { AmiFailed } from '../shared/events/ami-failed.ts';
import { AmiMoveFailed } from '../shared/events/ami-move-failed.ts';
import { AmiMoveRequested } from '../shared/events/ami-move-requested.ts';
import { AmiRequested } from '../shared/events/ami-requested.ts';
import { AmiRolloutPlanned } from '../shared/events/ami-rollout-planned.ts';
import { BackupJobStateChange } from '../shared/events/backup-job-state-change.ts';
import type { Consumption } from './constructs/event-consumer.ts';
import type { MoveWorkflow } from './constructs/move-workflow.ts';
import type { RebootWindow } from './constructs/reboot-window.ts';
import { type Flow, recordDays } from './consumers.ts';
import { describe } from './ec2-permissions.ts';
import { allow, putEvents, useTable } from './permissions.ts';
import { pointerEnvironment } from './rollout-consumers.ts';

/** From any source, but of this account alone: a move starts instances. */
export const startMove = (flow: Flow, { stateMachine }: MoveWorkflow): Consumption => ({
  description: 'Starts the workflow that moves an instance',
  bus: flow.bus.bus,
  pattern: { account: [Aws.ACCOUNT_ID], detailType: [AmiMoveRequested.detailType] },
  timeout: Duration.seconds(30),
  environment: {
    ...pointerEnvironment(flow),
    MOVE_ARN: stateMachine.stateMachineArn,
    RECORD_DAYS: recordDays(flow.config),
  },
  permissions: [
    useTable(flow.tables.rollouts, 'GetItem', 'PutItem'),
    allow(['states:StartExecution'], [stateMachine.stateMachineArn]),
    putEvents(flow.bus.bus, AmiMoveFailed, AmiRolloutPlanned),
  ],
});

/** AWS Backup's own events, which only the default bus has. */
export const requestBackupImage = (
  { config, bus: { bus } }: Flow,
  window: RebootWindow | undefined,
): Consumption => ({
  description: 'Asks for an image with a reboot of what AWS Backup has backed up without one',
  pattern: {
    source: [BackupJobStateChange.source],
    detailType: [BackupJobStateChange.detailType],
    detail: {
      state: [BackupJobStateChange.completed],
      resourceType: [BackupJobStateChange.resourceType],
    },
  },
  timeout: Duration.seconds(30),
  environment: {
    BUS_NAME: bus.eventBusName,
    TIME_ZONE: config.timeZone,
    DRY_RUN: String(config.rollout.dryRun),
    ...(config.backup.rebootWindow && { REBOOT_WINDOW: config.backup.rebootWindow }),
    ...window?.environment,
  },
  permissions: [
    describe('DescribeInstances'),
    putEvents(bus, AmiRequested, AmiFailed, AmiRolloutPlanned),
    ...(window?.permissions ?? []),
  ],
});
