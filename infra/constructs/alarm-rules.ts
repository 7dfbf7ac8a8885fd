import { Duration } from 'aws-cdk-lib';
import { type IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Config } from '../config-schema.ts';
import { type AlarmRule, lettersIn, PERIOD, total, unfinished } from './alarm-rule.ts';
import type { AmityFunction } from './amity-function.ts';
import type { AvailabilityWaiter } from './availability-waiter.ts';
import { type Baking, bakeAlarms } from './bake-alarms.ts';
import { cleanUpAlarms } from './cleanup-alarms.ts';
import type { CleanupSchedule } from './cleanup-schedule.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { EventConsumer } from './event-consumer.ts';
import { type Moving, type RollingOut, rolloutAlarms } from './rollout-alarms.ts';

export interface Watched {
  readonly config: Config;
  readonly deadLetters: DeadLetters;
  readonly createImage: EventConsumer;
  readonly baking: Baking;
  readonly rolling: RollingOut;
  readonly moving: Moving;
  readonly waiter: AvailabilityWaiter;
  readonly daily: CleanupSchedule;
  readonly cleanUpName: AmityFunction;
  readonly requestAmi: IFunction;
  readonly startWaiter: IFunction;
  readonly wakeWaiter: IFunction;
}

/** All that nobody would notice otherwise. What is tried again by itself is none of it. */
export const alarmRules = (watched: Watched): Record<string, AlarmRule> => ({
  DeadLetters: {
    metric: lettersIn(watched.deadLetters.queue),
    description:
      'A consumer could not do something and has given up; the letter is kept for 14 days. The log of the consumer ' +
      'says why. Put that right, then bring the letters back: npm run redrive. What was done is not done again.',
  },
  Undelivered: {
    metric: lettersIn(watched.deadLetters.undelivered),
    description:
      'An event never reached its consumer, or a schedule what it starts: the attributes ERROR_CODE and RULE_ARN of the ' +
      'letter say why. Put that right and replay the archive for that time (what was done is not done again); or invoke ' +
      'the clean-up, or post the bake to BakeApiUrl. Then purge the queue of the output UndeliveredQueueUrl.',
  },
  ...deadlines(watched),
  ...bakeAlarms(watched.baking),
  ...rolloutAlarms(watched.rolling, watched.moving),
  ...cleanUpAlarms(watched),
  WaiterFailed: {
    metric: total(unfinished(watched.waiter.stateMachine), PERIOD),
    description:
      'A waiter ended without announcing how its image ended. Open the execution, put right what it names, and ' +
      'redrive it: aws stepfunctions redrive-execution --execution-arn ARN.',
  },
  Crashing: {
    metric: total(crashes(watched), Duration.minutes(15)),
    periods: 3,
    description:
      'A function of the flow crashes or runs out of time, again and again for 45 minutes. Requests wait and are not ' +
      'lost. The metrics of this alarm show which function it is, and its log why.',
  },
});

const deadlines = ({ config, createImage, waiter: { checkImage } }: Watched): Record<string, AlarmRule> => ({
  PastDeadline: {
    lines: { CreateImage: [createImage.function, 'deadline-exceeded'], CheckImage: [checkImage, 'timeout'] },
    description:
      `A request got no image: EC2 refused it for ${config.requests.deadlineMinutes} minutes, or left it pending for ` +
      `${config.waiter.timeoutMinutes}. Its AmiFailed says which, and what EC2 said last. Replay the request, or ask again.`,
  },
  OldestRequest: {
    metric: createImage.queue.metricApproximateAgeOfOldestMessage({
      statistic: Stats.MAXIMUM,
      period: PERIOD,
    }),
    // In seconds. A request is hidden for up to 15 minutes before its deadline is seen.
    above: (config.requests.deadlineMinutes + 60) * 60,
    description:
      'A request has outlived its deadline and nobody gave it up: create-image does not run. Look at its log, its ' +
      'errors and throttles, and its event source.',
  },
});

const crashes = (watched: Watched): IMetric[] =>
  [
    watched.requestAmi,
    watched.createImage.function,
    watched.startWaiter,
    watched.wakeWaiter,
    watched.waiter.checkImage,
    watched.waiter.concludeValidation,
  ].map((each) => each.metricErrors());
