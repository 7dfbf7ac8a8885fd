import { Aws, Duration } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { FAILED_TAG } from '../../shared/domain/retention/guards.ts';
import { AmiAvailable } from '../../shared/events/ami-available.ts';
import { AmiFailed } from '../../shared/events/ami-failed.ts';
import type { Config } from '../config-schema.ts';
import { changeOurs, describe, imagesIn, snapshotsIn, tagOurs } from '../ec2-permissions.ts';
import { allow, putEvents, runToItsEnd, useTable } from '../permissions.ts';
import { AmityFunction } from './amity-function.ts';
import { AmityStateMachine } from './amity-state-machine.ts';
import type { BakeWorkflow } from './bake-workflow.ts';
import type { LifecycleBus } from './lifecycle-bus.ts';
import type { RequestTables } from './request-tables.ts';
import { VALIDATION } from './validation-states.ts';
import { waiterDefinition } from './waiter-states.ts';

export interface AvailabilityWaiterProps {
  readonly config: Config;
  readonly code: Code;
  /** Of what follows a validation. */
  readonly concludeCode: Code;
  readonly bake: BakeWorkflow;
  readonly bus: LifecycleBus;
  readonly tables: RequestTables;
}

/** One execution for each image, from when EC2 took it on until it is available or given up. */
export class AvailabilityWaiter extends Construct {
  readonly stateMachine: AmityStateMachine;
  readonly checkImage: AmityFunction;
  readonly concludeValidation: AmityFunction;

  constructor(scope: Construct, id: string, props: AvailabilityWaiterProps) {
    super(scope, id);
    const {
      config,
      code,
      bus: { bus },
      tables,
    } = props;
    const { pollSeconds, timeoutMinutes } = config.waiter;
    this.checkImage = new AmityFunction(this, 'CheckImage', {
      code,
      description: 'Looks at an image once and says what its waiter does next',
      timeout: Duration.minutes(2),
      environment: { TIMEOUT_MINUTES: String(timeoutMinutes) },
      permissions: [
        describe('DescribeImages'),
        tagOurs(['CreateTags', 'DeleteTags'], [FAILED_TAG], imagesIn()),
      ],
    });
    this.concludeValidation = new AmityFunction(this, 'ConcludeValidation', {
      code: props.concludeCode,
      description: 'Lets a baked image be used that was validated, or deletes it that was found wanting',
      timeout: Duration.minutes(2),
      environment: {},
      permissions: [
        describe('DescribeImages'),
        changeOurs(['DeregisterImage', 'DeleteSnapshot'], [...imagesIn(), ...snapshotsIn()]),
        tagOurs(['CreateTags', 'DeleteTags'], [FAILED_TAG], [...imagesIn(), ...snapshotsIn()]),
      ],
    });
    const { stateMachine: validation } = props.bake;
    const definition = waiterDefinition({
      partition: Aws.PARTITION,
      checkImageArn: this.checkImage.functionArn,
      validationArn: validation.stateMachineArn,
      concludeValidationArn: this.concludeValidation.functionArn,
      requestsTable: tables.requests.tableName,
      waitingTable: tables.waiting.tableName,
      busName: bus.eventBusName,
      pollSeconds,
    });
    this.stateMachine = new AmityStateMachine(this, 'StateMachine', {
      definition,
      logName: 'waiter',
      // The data holds the task tokens.
      logData: false,
      permissions: [
        allow(['lambda:InvokeFunction'], [this.checkImage.functionArn, this.concludeValidation.functionArn]),
        ...runToItsEnd(validation, `*${VALIDATION}`),
        useTable(tables.waiting, 'PutItem'),
        useTable(tables.requests, 'UpdateItem'),
        putEvents(bus, AmiAvailable, AmiFailed),
      ],
    });
  }
}
