import { Aws, Duration } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { AmiMoveFailed } from '../../shared/events/ami-move-failed.ts';
import { AmiMoved } from '../../shared/events/ami-moved.ts';
import { AmiRequested } from '../../shared/events/ami-requested.ts';
import type { Flow } from '../consumers.ts';
import { describe } from '../ec2-permissions.ts';
import { runLikenesses, stopMoved } from '../move-permissions.ts';
import { allow, putEvents, useTable } from '../permissions.ts';
import { readProfiles } from '../rollout-permissions.ts';
import { AmityFunction } from './amity-function.ts';
import { AmityStateMachine } from './amity-state-machine.ts';
import { moveDefinition } from './move-states.ts';

export interface MoveWorkflowProps extends Flow {
  /** Of a step, by its name. */
  readonly code: (step: string) => Code;
}

/** One execution for each instance that is moved into another subnet. */
export class MoveWorkflow extends Construct {
  readonly stateMachine: AmityStateMachine;
  /** All the steps, each with what it may do. */
  readonly steps: readonly AmityFunction[];

  constructor(scope: Construct, id: string, { config, bus, tables, code }: MoveWorkflowProps) {
    super(scope, id);
    const { instanceRoles } = config.rollout;
    const requestImage = new AmityFunction(this, 'RequestImage', {
      code: code('RequestImage'),
      description: 'Looks whether an instance can be moved, and asks for its image',
      timeout: Duration.minutes(1),
      environment: { BUS_NAME: bus.bus.eventBusName, INSTANCE_ROLES: JSON.stringify(instanceRoles) },
      permissions: [
        describe('DescribeInstances', 'DescribeSubnets'),
        readProfiles(),
        putEvents(bus.bus, AmiRequested),
      ],
    });
    const runInstance = new AmityFunction(this, 'RunInstance', {
      code: code('RunInstance'),
      description: 'Starts an instance like the one that is moved, once its image is available',
      timeout: Duration.minutes(2),
      environment: { ACCOUNT_ID: Aws.ACCOUNT_ID, REQUESTS_TABLE: tables.requests.tableName },
      permissions: [...runLikenesses(instanceRoles), useTable(tables.requests, 'GetItem')],
    });
    const conclude = new AmityFunction(this, 'Conclude', {
      code: code('Conclude'),
      description: 'Stops the source of a move, if that was asked for, once the new instance is healthy',
      timeout: Duration.minutes(1),
      environment: {},
      permissions: stopMoved(),
    });
    this.steps = [requestImage, runInstance, conclude];
    this.stateMachine = new AmityStateMachine(this, 'StateMachine', {
      definition: moveDefinition({
        partition: Aws.PARTITION,
        requestImageArn: requestImage.functionArn,
        runInstanceArn: runInstance.functionArn,
        concludeArn: conclude.functionArn,
        busName: bus.bus.eventBusName,
        pollSeconds: config.waiter.pollSeconds,
      }),
      logName: 'move',
      logData: true,
      permissions: [
        allow(
          ['lambda:InvokeFunction'],
          this.steps.map(({ functionArn }) => functionArn),
        ),
        putEvents(bus.bus, AmiMoved, AmiMoveFailed),
      ],
    });
  }
}
