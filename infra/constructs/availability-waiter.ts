import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { FAILED_TAG } from '../../shared/domain/retention/guards.ts';
import { AmiAvailable } from '../../shared/events/ami-available.ts';
import { AmiFailed } from '../../shared/events/ami-failed.ts';
import { acknowledge } from '../acknowledge.ts';
import type { Config } from '../config-schema.ts';
import { allow, describe, IMAGES, putEvents, tagOurs, useTable } from '../permissions.ts';
import { AmityFunction } from './amity-function.ts';
import type { LifecycleBus } from './lifecycle-bus.ts';
import type { RequestTables } from './request-tables.ts';
import { waiterDefinition } from './waiter-states.ts';

export interface AvailabilityWaiterProps {
  readonly config: Config;
  readonly code: Code;
  readonly bus: LifecycleBus;
  readonly tables: RequestTables;
}

/** One execution for each image, from when EC2 took it on until it is available or given up. */
export class AvailabilityWaiter extends Construct {
  readonly stateMachine: StateMachine;
  readonly checkImage: AmityFunction;

  constructor(scope: Construct, id: string, { config, code, bus: { bus }, tables }: AvailabilityWaiterProps) {
    super(scope, id);
    const { pollSeconds, timeoutMinutes } = config.waiter;
    this.checkImage = new AmityFunction(this, 'CheckImage', {
      code,
      description: 'Looks at an image once and says what its waiter does next',
      timeout: Duration.minutes(2),
      environment: { TIMEOUT_MINUTES: String(timeoutMinutes) },
      permissions: [
        describe('DescribeImages'),
        tagOurs(['CreateTags', 'DeleteTags'], [FAILED_TAG], IMAGES()),
      ],
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    for (const statement of [
      allow(['lambda:InvokeFunction'], [this.checkImage.functionArn]),
      useTable(tables.waiting, 'PutItem'),
      useTable(tables.requests, 'UpdateItem'),
      putEvents(bus, AmiAvailable, AmiFailed),
    ]) {
      role.addToPolicy(statement);
    }
    acknowledge(role, 'X-Ray and the delivery of logs know no resources.', 'IAM5[Resource::*]');
    const definition = waiterDefinition({
      partition: Aws.PARTITION,
      checkImageArn: this.checkImage.functionArn,
      requestsTable: tables.requests.tableName,
      waitingTable: tables.waiting.tableName,
      busName: bus.eventBusName,
      pollSeconds,
    });
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      comment: definition.Comment,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(JSON.stringify(definition)),
      role,
      tracingEnabled: true,
      // Without execution data: it holds the task tokens.
      logs: { destination: this.logs(config), level: LogLevel.ALL, includeExecutionData: false },
    });
  }

  /**
   * Under this prefix the account's log policy does not grow with each state machine.
   * Source: https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
   */
  private logs({ stackName }: Config): LogGroup {
    return new LogGroup(this, 'Logs', {
      logGroupName: `/aws/vendedlogs/states/${stackName}-waiter`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}
