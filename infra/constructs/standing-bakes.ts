import { Duration } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { AmiBakeRequested } from '../../shared/events/ami-bake-requested.ts';
import { readParametersOf } from '../bake-permissions.ts';
import type { Flow } from '../consumers.ts';
import { describe } from '../ec2-permissions.ts';
import { allow, putEvents } from '../permissions.ts';
import { AmityFunction } from './amity-function.ts';
import type { DeadLetters } from './dead-letters.ts';
import { schedulerRole, timer } from './timer.ts';

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
    const role = schedulerRole(
      this,
      allow(['lambda:InvokeFunction'], [this.function.functionArn]),
      deadLetters,
    );
    for (const [index, { instanceName, schedule }] of config.bakes.entries()) {
      if (schedule === undefined) continue;
      timer(this, `Of${index + 1}`, {
        description: `Amity bakes ${instanceName}`.slice(0, 512),
        expression: schedule,
        timeZone: config.timeZone,
        target: {
          arn: this.function.functionArn,
          // The time tells two calls of one occasion, which Scheduler may make, from two occasions.
          input: JSON.stringify({ instanceName, scheduledTime: '<aws.scheduler.scheduled-time>' }),
        },
        role,
        deadLetters,
      });
    }
  }
}
