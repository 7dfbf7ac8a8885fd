import { Aws, Duration } from 'aws-cdk-lib';
import { AmiAvailable } from '../shared/events/ami-available.ts';
import { AmiRollbackRequested } from '../shared/events/ami-rollback-requested.ts';
import { AmiRolledBack } from '../shared/events/ami-rolled-back.ts';
import { AmiRolledOut } from '../shared/events/ami-rolled-out.ts';
import { AmiRolloutFailed } from '../shared/events/ami-rollout-failed.ts';
import { AmiRolloutPlanned } from '../shared/events/ami-rollout-planned.ts';
import { AutoScalingRefreshChange } from '../shared/events/auto-scaling-refresh-change.ts';
import type { Consumption } from './constructs/event-consumer.ts';
import type { RolloutWorkflow } from './constructs/rollout-workflow.ts';
import { type Flow, recordDays } from './consumers.ts';
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

/** What tells of changes, and writes them down, is told. */
export const pointerEnvironment = ({ config, bus: { bus }, tables }: Flow) => ({
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
  readFollowers(),
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
