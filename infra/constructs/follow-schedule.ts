import { Duration } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Flow } from '../consumers.ts';
import { allow } from '../permissions.ts';
import { rolloutEnvironment, rolloutPermissions } from '../rollout-consumers.ts';
import { movePointers } from '../rollout-permissions.ts';
import { AmityFunction } from './amity-function.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { RolloutWorkflow } from './rollout-workflow.ts';
import { schedulerRole, timer } from './timer.ts';

export interface FollowScheduleProps extends Flow {
  readonly code: Code;
  readonly workflow: RolloutWorkflow;
  readonly deadLetters: DeadLetters;
}

/** Brings everything that follows to the newest image, by default daily. */
export class FollowSchedule extends Construct {
  readonly function: AmityFunction;

  constructor(scope: Construct, id: string, { code, workflow, deadLetters, ...flow }: FollowScheduleProps) {
    super(scope, id);
    const { rollout, timeZone } = flow.config;
    this.function = new AmityFunction(this, 'Function', {
      code,
      description: 'Brings every launch template and pointer to the newest image of its name',
      timeout: Duration.minutes(15),
      environment: rolloutEnvironment(flow, workflow),
      permissions: [...rolloutPermissions(flow, workflow), ...movePointers()],
    });
    const { functionArn: arn } = this.function;
    timer(this, 'Rule', {
      description: 'Amity follows the newest images',
      expression: rollout.schedule,
      timeZone: rollout.timeZone ?? timeZone,
      target: { arn, input: '{}' },
      role: schedulerRole(this, allow(['lambda:InvokeFunction'], [arn]), deadLetters),
      deadLetters,
    });
  }
}
