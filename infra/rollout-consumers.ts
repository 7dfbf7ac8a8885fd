import { Aws, Duration } from 'aws-cdk-lib';
import { AmiAvailable } from '../shared/events/ami-available.ts';
import { AmiFailed } from '../shared/events/ami-failed.ts';
import { AmiMoveFailed } from '../shared/events/ami-move-failed.ts';
import { AmiMoveRequested } from '../shared/events/ami-move-requested.ts';
import { AmiRequested } from '../shared/events/ami-requested.ts';
import { AmiRollbackRequested } from '../shared/events/ami-rollback-requested.ts';
import { AmiRolledBack } from '../shared/events/ami-rolled-back.ts';
import { AmiRolledOut } from '../shared/events/ami-rolled-out.ts';
import { AmiRolloutFailed } from '../shared/events/ami-rollout-failed.ts';
import { AmiRolloutPlanned } from '../shared/events/ami-rollout-planned.ts';
import { AutoScalingRefreshChange } from '../shared/events/auto-scaling-refresh-change.ts';
import { BackupJobStateChange } from '../shared/events/backup-job-state-change.ts';
import type { Consumption } from './constructs/event-consumer.ts';
import type { MoveWorkflow } from './constructs/move-workflow.ts';
import type { RebootWindow } from './constructs/reboot-window.ts';
import type { RolloutWorkflow } from './constructs/rollout-workflow.ts';
import { type Flow, recordDays } from './consumers.ts';
import { describe } from './ec2-permissions.ts';
import { allow, putEvents, useTable } from './permissions.ts';
import {
  changeFollowers,
  changeGroups,
  describeGroups,
  movePointers,
  readFollowers,
  readProfiles,
  rejectImages,
} from './rollout-permissions.ts';

/** What every step of a rollout is told: shared/runtime/rollout-environment.ts reads it. */
export const rolloutEnvironment = (flow: Flow, { stateMachine }: RolloutWorkflow) => ({
  ...pointerEnvironment(flow),
  ROLLOUT_ARN: stateMachine.stateMachineArn,
  INSTANCE_ROLES: JSON.stringify(flow.config.rollout.instanceRoles),
});

const pointerEnvironment = ({ config, bus: { bus }, tables }: Flow) => ({
  BUS_NAME: bus.eventBusName,
  ROLLOUTS_TABLE: tables.rollouts.tableName,
  DRY_RUN: String(config.rollout.dryRun),
});

/** To bring launch templates, and the groups behind them, to a new version. */
export const rolloutPermissions = (flow: Flow, workflow: RolloutWorkflow) => [
  changeFollowers('CreateLaunchTemplateVersion', 'ModifyLaunchTemplate'),
  ...changePermissions(flow, workflow),
];

const changePermissions = ({ config, bus: { bus }, tables }: Flow, { stateMachine }: RolloutWorkflow) => [
  ...readFollowers(),
  readProfiles(),
  describeGroups('DescribeAutoScalingGroups'),
  ...changeGroups(['UpdateAutoScalingGroup'], config.rollout.instanceRoles),
  allow(['states:StartExecution'], [stateMachine.stateMachineArn]),
  useTable(tables.rollouts, 'PutItem', 'UpdateItem'),
  putEvents(bus, AmiRolledOut, AmiRolledBack, AmiRolloutFailed, AmiRolloutPlanned),
];

export const rollOut = (flow: Flow, workflow: RolloutWorkflow): Consumption => ({
  description: 'Gives launch templates the newest image of the name that they follow',
  bus: flow.bus.bus,
  pattern: AmiAvailable.ours(Aws.ACCOUNT_ID),
  timeout: Duration.minutes(5),
  environment: rolloutEnvironment(flow, workflow),
  permissions: rolloutPermissions(flow, workflow),
});

export const setPointer = (flow: Flow): Consumption => ({
  description: "Points the SSM parameter of an instance name to the name's newest image",
  bus: flow.bus.bus,
  pattern: AmiAvailable.ours(Aws.ACCOUNT_ID),
  timeout: Duration.minutes(1),
  environment: pointerEnvironment(flow),
  permissions: [
    ...movePointers(),
    useTable(flow.tables.rollouts, 'PutItem', 'UpdateItem'),
    putEvents(flow.bus.bus, AmiRolloutFailed, AmiRolloutPlanned),
  ],
});

/** From any source, but of this account alone. */
export const rollBack = (flow: Flow, workflow: RolloutWorkflow): Consumption => ({
  description: 'Takes a rollout back: launch templates, their groups and the pointer',
  bus: flow.bus.bus,
  pattern: { account: [Aws.ACCOUNT_ID], detailType: [AmiRollbackRequested.detailType] },
  timeout: Duration.minutes(5),
  environment: { ...rolloutEnvironment(flow, workflow), RECORD_DAYS: recordDays(flow.config) },
  permissions: [
    changeFollowers('ModifyLaunchTemplate'),
    ...changePermissions(flow, workflow),
    useTable(flow.tables.rollouts, 'GetItem'),
    rejectImages(),
    ...movePointers(),
  ],
});

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

/** Auto Scaling's own events, which only the default bus has. */
export const wakeRollout = ({ tables }: Flow, { stateMachine }: RolloutWorkflow): Consumption => ({
  description: "Lets the workflow of a group's refresh look at once",
  pattern: {
    source: [AutoScalingRefreshChange.source],
    detailType: AutoScalingRefreshChange.detailTypes,
  },
  timeout: Duration.seconds(30),
  environment: { WAITING_TABLE: tables.waiting.tableName },
  permissions: [
    useTable(tables.waiting, 'GetItem'),
    allow(['states:SendTaskSuccess'], [stateMachine.stateMachineArn]),
  ],
});
