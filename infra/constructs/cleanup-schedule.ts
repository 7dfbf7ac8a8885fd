import { Aws, Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { cleanUpPermissions, retentionEnvironment } from '../clean-up.ts';
import type { Config } from '../config-schema.ts';
import { allow } from '../permissions.ts';
import { AmityFunction } from './amity-function.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { LifecycleBus } from './lifecycle-bus.ts';

export interface CleanupScheduleProps {
  readonly config: Config;
  readonly code: Code;
  readonly bus: LifecycleBus;
  readonly deadLetters: DeadLetters;
}

/** The run over all names, by default daily. */
export class CleanupSchedule extends Construct {
  readonly function: AmityFunction;

  constructor(scope: Construct, id: string, { config, code, bus, deadLetters }: CleanupScheduleProps) {
    super(scope, id);
    this.function = new AmityFunction(this, 'CleanUp', {
      code,
      description: 'Deletes what is older than the retention allows, of all names',
      timeout: Duration.minutes(15),
      environment: retentionEnvironment(config, bus),
      permissions: cleanUpPermissions(bus),
      // A run that failed has reported what it did; the next one goes on from there.
      retryAttempts: 0,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    role.addToPolicy(allow(['lambda:InvokeFunction'], [this.function.functionArn]));
    role.addToPolicy(allow(['sqs:SendMessage'], [deadLetters.undelivered.queueArn]));
    const schedule = new CfnSchedule(this, 'Rule', {
      description: 'Amity cleans up',
      scheduleExpression: config.retention.schedule,
      scheduleExpressionTimezone: config.timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: this.function.functionArn,
        roleArn: role.roleArn,
        input: '{}',
        retryPolicy: { maximumRetryAttempts: 0 },
        deadLetterConfig: { arn: deadLetters.undelivered.queueArn },
      },
    });
    schedule.node.addDependency(role);
  }
}
