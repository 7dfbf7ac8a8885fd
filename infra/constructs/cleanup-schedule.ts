import { Aws } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Config } from '../config-schema.ts';
import { allow } from '../permissions.ts';
import type { DeadLetters } from './dead-letters.ts';

export interface CleanupScheduleProps {
  readonly config: Config;
  readonly run: StateMachine;
  readonly deadLetters: DeadLetters;
}

/** When the run over all names begins, by default daily. */
export class CleanupSchedule extends Construct {
  constructor(scope: Construct, id: string, { config, run, deadLetters }: CleanupScheduleProps) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    role.addToPolicy(allow(['states:StartExecution'], [run.stateMachineArn]));
    role.addToPolicy(allow(['sqs:SendMessage'], [deadLetters.undelivered.queueArn]));
    const schedule = new CfnSchedule(this, 'Rule', {
      description: 'Amity cleans up',
      scheduleExpression: config.retention.schedule,
      scheduleExpressionTimezone: config.timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: run.stateMachineArn,
        roleArn: role.roleArn,
        input: '{}',
        retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3600 },
        deadLetterConfig: { arn: deadLetters.undelivered.queueArn },
      },
    });
    schedule.node.addDependency(role);
  }
}
