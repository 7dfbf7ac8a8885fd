import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { CleanUpFailure, FailureCode } from '../../shared/domain/failures.ts';
import { type AlarmRule, alarmRules, pastDeadline, stopped, type Watched } from './alarm-rules.ts';
import { alarmTopic } from './alarm-topic.ts';
import type { AmityFunction } from './amity-function.ts';

/** An alarm for each rule, all of which tell one topic. */
export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, watched: Watched) {
    super(scope, id);
    this.topic = alarmTopic(this);
    this.count('deadline-exceeded', watched.createImage.function, pastDeadline(watched.config));
    this.count('timeout', watched.checkImage, pastDeadline(watched.config));
    this.count('stopped', watched.cleanUp.function, stopped(watched.config));
    this.count('stopped', watched.cleanUpName, stopped(watched.config));
    for (const [name, rule] of Object.entries(alarmRules(watched))) {
      this.alarm(name, `${watched.config.stackName}-${name}`, rule);
    }
  }

  /** Counts what a function logs with that code. */
  private count(
    code: FailureCode | CleanUpFailure,
    { logGroup, node }: AmityFunction,
    metric: { metricNamespace: string; metricName: string },
  ): void {
    new MetricFilter(this, `Count-${code}-${node.addr.slice(-6)}`, {
      logGroup,
      filterPattern: FilterPattern.stringValue('$.code', '=', code),
      ...metric,
    });
  }

  private alarm(
    id: string,
    alarmName: string,
    { metric, description, above = 0, below, periods = 1 }: AlarmRule,
  ): void {
    const { LESS_THAN_THRESHOLD, GREATER_THAN_THRESHOLD } = ComparisonOperator;
    const { BREACHING, NOT_BREACHING } = TreatMissingData;
    const alarm = new Alarm(this, id, {
      alarmName,
      alarmDescription: description,
      metric,
      threshold: below ?? above,
      comparisonOperator: below === undefined ? GREATER_THAN_THRESHOLD : LESS_THAN_THRESHOLD,
      evaluationPeriods: periods,
      // Nothing measured is nothing amiss, except where something is to happen.
      treatMissingData: below === undefined ? NOT_BREACHING : BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
  }
}
