import { Aws, Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { AmiBakeRequested } from '../../shared/events/ami-bake-requested.ts';
import { readParametersOf } from '../bake-permissions.ts';
import type { StandingBake } from '../bake-schema.ts';
import type { Flow } from '../consumers.ts';
import { describe } from '../ec2-permissions.ts';
import { allow, putEvents } from '../permissions.ts';
import { AmityFunction } from './amity-function.ts';
import type { DeadLetters } from './dead-letters.ts';

export interface StandingBakesProps extends Flow {
  /** With the bakes beside it. */
  readonly code: Code;
  readonly deadLetters: DeadLetters;
}

/** Asks for the configuration's bakes, each at its time. */
export class StandingBakes extends Construct {
  readonly function: AmityFunction;

  constructor(scope: Construct, id: string, { config, bus, code, deadLetters }: StandingBakesProps) {
    super(scope, id);
    this.function = new AmityFunction(this, 'Function', {
      code,
      description: 'Asks for a bake of the configuration, at its time',
      timeout: Duration.minutes(1),
      environment: { BUS_NAME: bus.bus.eventBusName },
      permissions: [
        describe('DescribeImages'),
        ...readParametersOf(config.bakes.filter(({ schedule }) => schedule !== undefined)),
        putEvents(bus.bus, AmiBakeRequested),
      ],
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    role.addToPolicy(allow(['lambda:InvokeFunction'], [this.function.functionArn]));
    role.addToPolicy(allow(['sqs:SendMessage'], [deadLetters.undelivered.queueArn]));
    for (const [index, bake] of config.bakes.entries())
      this.schedule(`Of${index + 1}`, bake, config.timeZone, role, deadLetters);
  }

  private schedule(
    id: string,
    { instanceName, schedule }: StandingBake,
    scheduleExpressionTimezone: string,
    role: Role,
    { undelivered }: DeadLetters,
  ): void {
    if (schedule === undefined) return;
    const rule = new CfnSchedule(this, id, {
      description: `Amity bakes ${instanceName}`.slice(0, 512),
      scheduleExpression: schedule,
      scheduleExpressionTimezone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: this.function.functionArn,
        roleArn: role.roleArn,
        // The time tells two calls of one occasion, which Scheduler may make, from two occasions.
        input: JSON.stringify({ instanceName, scheduledTime: '<aws.scheduler.scheduled-time>' }),
        retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3600 },
        deadLetterConfig: { arn: undelivered.queueArn },
      },
    });
    rule.node.addDependency(role);
  }
}
