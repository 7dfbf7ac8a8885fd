import { Duration } from 'aws-cdk-lib';
import { type AlarmRule, PERIOD, total, unfinished } from './alarm-rule.ts';
import type { EventConsumer } from './event-consumer.ts';
import type { FollowSchedule } from './follow-schedule.ts';
import type { MoveWorkflow } from './move-workflow.ts';
import type { RolloutWorkflow } from './rollout-workflow.ts';

export interface RollingOut {
  readonly workflow: RolloutWorkflow;
  readonly consumers: readonly EventConsumer[];
  readonly daily: FollowSchedule;
}

export interface Moving {
  readonly workflow: MoveWorkflow;
  readonly consumers: readonly EventConsumer[];
}

export const rolloutAlarms = (rollouts: RollingOut, moves: Moving): Record<string, AlarmRule> => ({
  RolloutBroke: {
    metric: total(
      [...unfinished(rollouts.workflow.stateMachine), ...unfinished(moves.workflow.stateMachine)],
      PERIOD,
    ),
    description:
      'The workflow of an instance refresh, or of a move, broke, or somebody stopped it: one whose refresh failed ends well, ' +
      'with AmiRolloutFailed. Open the execution, put right what it names, and redrive it: aws stepfunctions ' +
      'redrive-execution --execution-arn ARN.',
  },
  FollowNewestFailed: {
    metric: rollouts.daily.function.metricErrors({ period: PERIOD }),
    description:
      'Not everything that follows a name could be brought to its newest image: the log of the function says which, and why. ' +
      'Put that right, and call the function of the output FollowNewestFunctionName; what was done is not done again.',
  },
  RolloutCrashing: {
    metric: total(
      [
        ...rollouts.consumers.map((each) => each.function),
        rollouts.workflow.startRefresh,
        rollouts.workflow.checkRefresh,
      ].map((each) => each.metricErrors()),
      Duration.minutes(15),
    ),
    periods: 3,
    description:
      'A function of the rollouts crashes or runs out of time, again and again for 45 minutes. Events wait and are not lost. ' +
      'The metrics of this alarm show which function it is, and its log why.',
  },
  MoveCrashing: {
    metric: total(
      [...moves.consumers.map((each) => each.function), ...moves.workflow.steps].map((each) =>
        each.metricErrors(),
      ),
      Duration.minutes(15),
    ),
    periods: 3,
    description:
      'A function that moves instances, or asks for consistent backups, crashes or runs out of time, again and again for 45 ' +
      'minutes. Events wait, or end as AmiMoveFailed with the code move-error. The metrics of this alarm show which function ' +
      'it is, and its log why.',
  },
});
