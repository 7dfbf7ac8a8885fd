import { Aws, Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { seeConsoles, takeBuildersAway } from '../bake-permissions.ts';
import { type CleaningUp, cleanUpPermissions, retentionEnvironment } from '../clean-up.ts';
import type { Config } from '../config-schema.ts';
import { allow } from '../permissions.ts';
import { AmityFunction } from './amity-function.ts';
import { CleanupRun } from './cleanup-run.ts';
import type { DeadLetters } from './dead-letters.ts';

export interface CleanupScheduleProps extends CleaningUp {
  readonly code: Code;
  readonly deadLetters: DeadLetters;
}

/** The clean-up of all names: what does it, what calls that until it is done, and when, by default daily. */
export class CleanupSchedule extends Construct {
  readonly function: AmityFunction;
  readonly run: CleanupRun;

  constructor(scope: Construct, id: string, { code, deadLetters, ...flow }: CleanupScheduleProps) {
    super(scope, id);
    this.function = new AmityFunction(this, 'CleanUp', {
      code,
      description: 'Deletes what is older than the retention allows, of all names',
      timeout: Duration.minutes(15),
      // 50,000 images and 75,000 snapshots are held at once, in each region.
      memorySize: 1024,
      environment: retentionEnvironment(flow),
      permissions: [
        ...cleanUpPermissions(flow, flow.config.retention.regions),
        ...takeBuildersAway(),
        seeConsoles(),
      ],
      // The state machine tries again; who calls by hand sees the error.
      retryAttempts: 0,
    });
    this.run = new CleanupRun(this, 'Run', this.function);
    this.begin(flow.config, deadLetters);
  }

  private begin({ retention, timeZone }: Config, { undelivered }: DeadLetters): void {
    const { stateMachineArn } = this.run.stateMachine;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    role.addToPolicy(allow(['states:StartExecution'], [stateMachineArn]));
    role.addToPolicy(allow(['sqs:SendMessage'], [undelivered.queueArn]));
    const schedule = new CfnSchedule(this, 'Rule', {
      description: 'Amity cleans up',
      scheduleExpression: retention.schedule,
      scheduleExpressionTimezone: timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: stateMachineArn,
        roleArn: role.roleArn,
        input: '{}',
        // Later than an hour it is another run's turn.
        retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3600 },
        deadLetterConfig: { arn: undelivered.queueArn },
      },
    });
    schedule.node.addDependency(role);
  }
}
