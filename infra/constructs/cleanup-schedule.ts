import { Duration } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { seeConsoles, takeBuildersAway } from '../bake-permissions.ts';
import { type CleaningUp, cleanUpPermissions, retentionEnvironment } from '../clean-up.ts';
import { allow } from '../permissions.ts';
import { AmityFunction } from './amity-function.ts';
import { CleanupRun } from './cleanup-run.ts';
import type { DeadLetters } from './dead-letters.ts';
import { schedulerRole, timer } from './timer.ts';

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
    const { stateMachineArn } = this.run.stateMachine;
    timer(this, 'Rule', {
      description: 'Amity cleans up',
      expression: flow.config.retention.schedule,
      timeZone: flow.config.timeZone,
      target: { arn: stateMachineArn, input: '{}' },
      role: schedulerRole(this, allow(['states:StartExecution'], [stateMachineArn]), deadLetters),
      deadLetters,
    });
  }
}
