import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { CleanUpFailure, FailureCode } from '../../shared/domain/failures.ts';
import type { AmityFunction } from './amity-function.ts';

/** When there is an alarm: above a number, 0 by default, or below one; in each of so many periods, 1 by default. */
export type AlarmRule = Measure & {
  /** What it means, and what to do. */
  readonly description: string;
  readonly above?: number;
  readonly below?: number;
  readonly periods?: number;
};

type Measure = { readonly metric: IMetric } | { readonly lines: Lines };

/** Lines of logs: who says them, by name, and the code that they carry. */
export type Lines = Readonly<Record<string, readonly [AmityFunction, FailureCode | CleanUpFailure]>>;

export const PERIOD = Duration.minutes(5);

/** SQS's own redrive is not counted as sent: only what lies there is a measure. */
export const lettersIn = (queue: IQueue): IMetric =>
  queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: PERIOD });

/** The executions that came to no end of their own. */
export const unfinished = (machine: StateMachine): IMetric[] => [
  machine.metricFailed(),
  machine.metricTimedOut(),
  machine.metricAborted(),
];

/**
 * A metric that says nothing counts as none. At most ten: an alarm takes no more.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
 */
export function total(metrics: readonly IMetric[], period: Duration): IMetric {
  const named = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  const expression = Object.keys(named)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics: named, period, label: 'total' });
}
