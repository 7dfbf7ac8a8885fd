import { Aws } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { AmiRequested } from '../../shared/events/ami-requested.ts';
import { allow, putEvents } from '../permissions.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { LifecycleBus } from './lifecycle-bus.ts';
import { schedulerRole } from './timer.ts';

export interface RebootWindowProps {
  readonly bus: LifecycleBus;
  readonly deadLetters: DeadLetters;
}

/** Where requests wait for the window in which instances may be rebooted: one-time schedules, in a group of their own. */
export class RebootWindow extends Construct {
  /** What the function is told: shared/runtime/backup-environment.ts reads it. */
  readonly environment: Record<string, string>;
  readonly permissions: readonly PolicyStatement[];

  constructor(scope: Construct, id: string, { bus: { bus }, deadLetters }: RebootWindowProps) {
    super(scope, id);
    // Its name is CloudFormation's: one made of the stack's can be longer than Scheduler takes.
    const { ref: group } = new CfnScheduleGroup(this, 'Group');
    const role = schedulerRole(this, putEvents(bus, AmiRequested), deadLetters);
    this.environment = {
      BUS_ARN: bus.eventBusArn,
      SCHEDULE_GROUP: group,
      SCHEDULE_ROLE_ARN: role.roleArn,
      UNDELIVERED_ARN: deadLetters.undelivered.queueArn,
    };
    this.permissions = [
      allow(
        ['scheduler:CreateSchedule'],
        [`arn:${Aws.PARTITION}:scheduler:${Aws.REGION}:${Aws.ACCOUNT_ID}:schedule/${group}/*`],
      ),
      allow(['iam:PassRole'], [role.roleArn], {
        StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
      }),
    ];
  }
}
