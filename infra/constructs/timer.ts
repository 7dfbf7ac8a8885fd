import { Aws } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';
import { allow } from '../permissions.ts';
import type { DeadLetters } from './dead-letters.ts';

/** Who Scheduler is when it calls something of ours, or tells what it could not call. */
export function schedulerRole(scope: Construct, may: PolicyStatement, { undelivered }: DeadLetters): Role {
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  });
  role.addToPolicy(may);
  role.addToPolicy(allow(['sqs:SendMessage'], [undelivered.queueArn]));
  return role;
}

export interface TimerProps {
  readonly description: string;
  /** EventBridge Scheduler's. */
  readonly expression: string;
  readonly timeZone: string;
  readonly target: { readonly arn: string; readonly input: string };
  readonly role: Role;
  readonly deadLetters: DeadLetters;
}

/** Calls something at its times. Later than an hour it is another time's turn; what could not be called is a letter. */
export function timer(scope: Construct, id: string, props: TimerProps): void {
  const { description, expression, timeZone, target, role, deadLetters } = props;
  const schedule = new CfnSchedule(scope, id, {
    description,
    scheduleExpression: expression,
    scheduleExpressionTimezone: timeZone,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      ...target,
      roleArn: role.roleArn,
      retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3600 },
      deadLetterConfig: { arn: deadLetters.undelivered.queueArn },
    },
  });
  schedule.node.addDependency(role);
}
