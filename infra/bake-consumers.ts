import { Aws, Duration } from 'aws-cdk-lib';
import { AmiBakeRequested } from '../shared/events/ami-bake-requested.ts';
import { AmiCreated } from '../shared/events/ami-created.ts';
import { AmiFailed } from '../shared/events/ami-failed.ts';
import { Ec2InstanceStateChange } from '../shared/events/ec2-instance-state-change.ts';
import { SsmParameterChange } from '../shared/events/ssm-parameter-change.ts';
import { StatesExecutionChange } from '../shared/events/states-execution-change.ts';
import { readParametersOf, takeBuildersAway } from './bake-permissions.ts';
import { isOwnParameter, ownParametersOf } from './bake-schema.ts';
import { bakeEnvironment } from './bake-settings.ts';
import type { BakeWorkflow } from './constructs/bake-workflow.ts';
import type { Consumption } from './constructs/event-consumer.ts';
import { type Flow, requestEnvironment } from './consumers.ts';
import { describe } from './ec2-permissions.ts';
import { allow, executionsOf, putEvents, useTable } from './permissions.ts';

/** From any source, but of this account alone: a bake starts instances. */
export const startBake = (flow: Flow, { stateMachine, builders }: BakeWorkflow): Consumption => ({
  description: 'Starts the workflow of a bake',
  bus: flow.bus.bus,
  pattern: { account: [Aws.ACCOUNT_ID], detailType: [AmiBakeRequested.detailType] },
  timeout: Duration.seconds(30),
  environment: {
    ...requestEnvironment(flow),
    ...bakeEnvironment(flow.config, builders.name),
    BAKE_ARN: stateMachine.stateMachineArn,
    TIME_ZONE: flow.config.timeZone,
    REASON: flow.config.reason,
  },
  permissions: [
    // A replay of a failed one asks whether there is a newer image of the name.
    describe('DescribeImages'),
    allow(['states:StartExecution'], [stateMachine.stateMachineArn]),
    allow(['states:DescribeExecution'], [executionsOf(stateMachine)]),
    useTable(flow.tables.requests, 'GetItem', 'PutItem'),
    putEvents(flow.bus.bus, AmiCreated, AmiFailed),
  ],
});

/** EC2's own event, which only the default bus has. */
export const failBuilder = ({ tables }: Flow, { stateMachine }: BakeWorkflow): Consumption => ({
  description: 'Fails the bake of a builder that stopped or died',
  pattern: {
    source: [Ec2InstanceStateChange.source],
    detailType: [Ec2InstanceStateChange.detailType],
    detail: { state: Ec2InstanceStateChange.ending },
  },
  timeout: Duration.seconds(30),
  environment: { WAITING_TABLE: tables.waiting.tableName },
  permissions: [
    useTable(tables.waiting, 'GetItem'),
    allow(['states:SendTaskFailure'], [stateMachine.stateMachineArn]),
  ],
});

/** Parameter Store's own event, which only the default bus has; of the parameters that bakes are based on. */
export const bakeAnew = ({ config, bus: { bus } }: Flow): Consumption => ({
  description: 'Asks for the bakes whose base image has changed',
  pattern: {
    source: [SsmParameterChange.source],
    detailType: [SsmParameterChange.detailType],
    detail: { name: ownParametersOf(config.bakes), operation: SsmParameterChange.writing },
  },
  timeout: Duration.minutes(1),
  environment: { BUS_NAME: bus.eventBusName },
  permissions: [
    describe('DescribeImages'),
    ...readParametersOf(config.bakes.filter(({ baseImage }) => isOwnParameter(baseImage))),
    putEvents(bus, AmiBakeRequested),
  ],
});

/** Step Functions' own event, which only the default bus has. */
export const giveUpBake = (flow: Flow, { stateMachine }: BakeWorkflow): Consumption => ({
  description: 'Takes the builder of a workflow away that was stopped or broke, and ends its request',
  pattern: {
    source: [StatesExecutionChange.source],
    detailType: [StatesExecutionChange.detailType],
    detail: {
      stateMachineArn: [stateMachine.stateMachineArn],
      status: StatesExecutionChange.broken,
    },
  },
  timeout: Duration.seconds(30),
  environment: requestEnvironment(flow),
  permissions: [
    ...takeBuildersAway(),
    // An image that was begun without our knowing counts.
    describe('DescribeImages'),
    useTable(flow.tables.requests, 'GetItem', 'PutItem'),
    putEvents(flow.bus.bus, AmiCreated, AmiFailed),
  ],
});
