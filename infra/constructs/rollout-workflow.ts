import { Aws, Duration } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { AmiRolloutFailed } from '../../shared/events/ami-rollout-failed.ts';
import { AmiRolloutSucceeded } from '../../shared/events/ami-rollout-succeeded.ts';
import type { Flow } from '../consumers.ts';
import { allow, putEvents, useTable } from '../permissions.ts';
import { changeGroups, describeGroups } from '../rollout-permissions.ts';
import { AmityFunction } from './amity-function.ts';
import { AmityStateMachine } from './amity-state-machine.ts';
import { rolloutDefinition } from './rollout-states.ts';

export interface RolloutWorkflowProps extends Flow {
  /** Of a step, by its name. */
  readonly code: (step: string) => Code;
}

/** One execution for each group and version: begins the instance refresh, follows it, and tells its end. */
export class RolloutWorkflow extends Construct {
  readonly stateMachine: AmityStateMachine;
  readonly startRefresh: AmityFunction;
  readonly checkRefresh: AmityFunction;

  constructor(scope: Construct, id: string, props: RolloutWorkflowProps) {
    super(scope, id);
    const { config, bus, tables } = props;
    const { pollSeconds, timeoutMinutes } = config.waiter;
    this.startRefresh = new AmityFunction(this, 'StartRefresh', {
      code: props.code('StartRefresh'),
      description: 'Begins the instance refresh of a group',
      timeout: Duration.minutes(1),
      environment: { ROLLOUTS_TABLE: tables.rollouts.tableName },
      permissions: [
        describeGroups('DescribeAutoScalingGroups', 'DescribeInstanceRefreshes'),
        ...changeGroups(['StartInstanceRefresh', 'CancelInstanceRefresh'], config.rollout.instanceRoles),
        useTable(tables.rollouts, 'GetItem'),
      ],
    });
    this.checkRefresh = new AmityFunction(this, 'CheckRefresh', {
      code: props.code('CheckRefresh'),
      description: 'Looks at an instance refresh once and says how it stands',
      timeout: Duration.minutes(1),
      environment: { TIMEOUT_MINUTES: String(timeoutMinutes) },
      permissions: [describeGroups('DescribeInstanceRefreshes')],
    });
    this.stateMachine = new AmityStateMachine(this, 'StateMachine', {
      definition: rolloutDefinition({
        partition: Aws.PARTITION,
        startRefreshArn: this.startRefresh.functionArn,
        checkRefreshArn: this.checkRefresh.functionArn,
        waitingTable: tables.waiting.tableName,
        busName: bus.bus.eventBusName,
        pollSeconds,
      }),
      logName: 'rollout',
      // The data holds the task tokens.
      logData: false,
      permissions: [
        allow(['lambda:InvokeFunction'], [this.startRefresh.functionArn, this.checkRefresh.functionArn]),
        useTable(tables.waiting, 'PutItem'),
        putEvents(bus.bus, AmiRolloutSucceeded, AmiRolloutFailed),
      ],
    });
  }
}
