import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Config } from '../config-schema.ts';
import { runsDaily } from '../schedule-expression.ts';
import { type AlarmRule, PERIOD, total } from './alarm-rule.ts';
import type { AmityFunction } from './amity-function.ts';
import type { CleanupSchedule } from './cleanup-schedule.ts';

interface Watched {
  readonly config: Config;
  /** Of all names. */
  readonly daily: CleanupSchedule;
  /** Of the name that has a new image. */
  readonly cleanUpName: AmityFunction;
}

export const cleanUpAlarms = ({ config, daily, cleanUpName }: Watched): Record<string, AlarmRule> => ({
  CleanUpFailed: {
    // Also what failed for someone who called the function by hand, and went away.
    metric: total([daily.function.metricErrors(), daily.run.stateMachine.metricFailed()], PERIOD),
    description:
      'A clean-up of all names failed, or a part of it did: AmiCleaned and the log name each image and why. The next ' +
      'run goes on from there.',
  },
  CleanUpStopped: {
    lines: { Daily: [daily.function, 'stopped'], OfName: [cleanUpName, 'stopped'] },
    description:
      `A clean-up would have taken more than ${config.retention.stopAboveShare} of the images away, and touched nothing. ` +
      'Look at what it would do: npm run plan. Where that is right, apply the plan (npm run apply), or raise ' +
      'retention.stopAboveShare; where it is not, a policy, a tag or a clock is wrong.',
  },
  // CloudWatch looks back over a week at most, so a rarer schedule is left alone.
  ...(runsDaily(config.retention.schedule) && {
    CleanUpMissing: {
      // Of the run, not of its function, which people call too.
      metric: daily.run.stateMachine.metricStarted({ statistic: Stats.SUM, period: Duration.hours(1) }),
      below: 1,
      // A day, and the hour that one day of the year has more.
      periods: 26,
      description:
        'No clean-up of all names began in 26 hours: old images stay, and cost. Look at the schedule, and at the queue of ' +
        'the output UndeliveredQueueUrl. A new deployment begins in this state, until its first run.',
    },
  }),
});
