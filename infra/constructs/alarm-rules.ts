import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Config } from '../config-schema.ts';
import { runsDaily } from '../schedule-expression.ts';
import type { AmityFunction } from './amity-function.ts';
import type { CleanupRun } from './cleanup-run.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { EventConsumer } from './event-consumer.ts';

export interface Watched {
  readonly config: Config;
  readonly deadLetters: DeadLetters;
  readonly createImage: EventConsumer;
  readonly checkImage: AmityFunction;
  readonly waiter: StateMachine;
  readonly cleanUp: CleanupRun;
  readonly cleanUpName: AmityFunction;
  readonly requestAmi: IFunction;
  readonly startWaiter: IFunction;
  readonly wakeWaiter: IFunction;
}

/** When there is an alarm: above a number, 0 by default, or below one; in each of so many periods, 1 by default. */
export interface AlarmRule {
  readonly metric: IMetric;
  /** What it means, and what to do. */
  readonly description: string;
  readonly above?: number;
  readonly below?: number;
  readonly periods?: number;
}

const PERIOD = Duration.minutes(5);
const HOUR = Duration.hours(1);

/** Of the lines that a log says with the code of a deadline. */
export const pastDeadline = ({ stackName }: Config) => ({
  metricNamespace: `Amity/${stackName}`,
  metricName: 'PastDeadline',
});

/** Of the lines that say that a brake of the clean-up holds. */
export const stopped = ({ stackName }: Config) => ({
  metricNamespace: `Amity/${stackName}`,
  metricName: 'CleanUpStopped',
});

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
      'An event never reached its consumer, or the schedule its function: the attributes ERROR_CODE and RULE_ARN of ' +
      'the letter say why. Put that right and replay the archive for that time (what was done is not done again), or ' +
      'invoke the clean-up; then purge the queue of the output UndeliveredQueueUrl.',
  },
  ...deadlines(watched),
  ...cleanUp(watched),
  WaiterFailed: {
    metric: total(
      [watched.waiter.metricFailed(), watched.waiter.metricTimedOut(), watched.waiter.metricAborted()],
      PERIOD,
    ),
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

const deadlines = ({ config, createImage }: Watched): Record<string, AlarmRule> => ({
  PastDeadline: {
    metric: new Metric({ ...namespaced(pastDeadline(config)), statistic: Stats.SUM, period: PERIOD }),
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

const cleanUp = ({ config, cleanUp }: Watched): Record<string, AlarmRule> => ({
  CleanUpFailed: {
    metric: total(
      [
        cleanUp.function.metricErrors(),
        cleanUp.stateMachine.metricFailed(),
        cleanUp.stateMachine.metricTimedOut(),
      ],
      PERIOD,
    ),
    description:
      'A clean-up of all names failed, or a part of it did: AmiCleaned and the log name each image and why. The next ' +
      'run goes on from there.',
  },
  CleanUpStopped: {
    metric: new Metric({ ...namespaced(stopped(config)), statistic: Stats.SUM, period: PERIOD }),
    description:
      `A clean-up would have taken more than ${config.retention.stopAboveShare} of the images away, and touched nothing. ` +
      'Look at what it would do: npm run plan. Where that is right, apply the plan (npm run apply), or raise ' +
      'retention.stopAboveShare; where it is not, a policy, a tag or a clock is wrong.',
  },
  // CloudWatch looks back over a week at most, so a rarer schedule is left alone.
  ...(runsDaily(config.retention.schedule) && {
    CleanUpMissing: {
      metric: cleanUp.function.metricInvocations({ statistic: Stats.SUM, period: HOUR }),
      below: 1,
      // A day, and the hour that one day of the year has more.
      periods: 26,
      description:
        'No clean-up of all names in 26 hours: old images stay, and cost. Look at the schedule and at the function of ' +
        'the output CleanUpFunctionName. A new deployment begins in this state, until its first run.',
    },
  }),
});

const crashes = (watched: Watched): IMetric[] =>
  [
    watched.requestAmi,
    watched.createImage.function,
    watched.startWaiter,
    watched.wakeWaiter,
    watched.checkImage,
  ].map((each) => each.metricErrors());

const namespaced = ({ metricNamespace, metricName }: ReturnType<typeof stopped>) => ({
  namespace: metricNamespace,
  metricName,
});

/** SQS's own redrive is not counted as sent: only what lies there is a measure. */
const lettersIn = (queue: IQueue): IMetric =>
  queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: PERIOD });

/** A metric that says nothing counts as none. */
function total(metrics: readonly IMetric[], period: Duration): IMetric {
  const named = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  const expression = Object.keys(named)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics: named, period, label: 'total' });
}
