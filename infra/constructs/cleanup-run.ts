import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { type CleaningUp, cleanUpPermissions, retentionEnvironment } from '../clean-up.ts';
import { allow } from '../permissions.ts';
import { AmityFunction } from './amity-function.ts';
import { cleanupDefinition } from './cleanup-states.ts';

export interface CleanupRunProps extends CleaningUp {
  readonly code: Code;
}

/** A clean-up of all names: the function that does it, and what calls it until it is done. */
export class CleanupRun extends Construct {
  readonly function: AmityFunction;
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, { code, ...flow }: CleanupRunProps) {
    super(scope, id);
    this.function = new AmityFunction(this, 'CleanUp', {
      code,
      description: 'Deletes what is older than the retention allows, of all names',
      timeout: Duration.minutes(15),
      // 50,000 images and 75,000 snapshots are held at once, in each region.
      memorySize: 1024,
      environment: retentionEnvironment(flow),
      permissions: cleanUpPermissions(flow),
      // The state machine tries again; who calls by hand sees the error.
      retryAttempts: 0,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    role.addToPolicy(allow(['lambda:InvokeFunction'], [this.function.functionArn]));
    acknowledge(role, 'X-Ray and the delivery of logs know no resources.', 'IAM5[Resource::*]');
    const definition = cleanupDefinition({
      partition: Aws.PARTITION,
      cleanUpArn: this.function.functionArn,
    });
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      comment: definition.Comment,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(JSON.stringify(definition)),
      role,
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, 'Logs', {
          logGroupName: `/aws/vendedlogs/states/${flow.config.stackName}-clean-up`,
          retention: RetentionDays.THREE_MONTHS,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        includeExecutionData: true,
      },
    });
  }
}
