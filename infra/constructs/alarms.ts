import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type AlarmRule, type Lines, PERIOD } from './alarm-rule.ts';
import { alarmRules, type Watched } from './alarm-rules.ts';
import { alarmTopic } from './alarm-topic.ts';

/** An alarm for each rule, all of which tell one topic. */
export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, watched: Watched) {
    super(scope, id);
    this.topic = alarmTopic(this);
    const { stackName } = watched.config;
    for (const [name, rule] of Object.entries(alarmRules(watched))) {
      const metric = 'metric' in rule ? rule.metric : this.count(`Amity/${stackName}`, name, rule.lines);
      this.alarm(name, `${stackName}-${name}`, metric, rule);
    }
  }

  /** Counts the lines of a rule, of all who say them, in one metric of its name. */
  private count(namespace: string, metricName: string, lines: Lines): IMetric {
    for (const [who, [{ logGroup }, code]] of Object.entries(lines)) {
      new MetricFilter(this, `${metricName}By${who}`, {
        logGroup,
        filterPattern: FilterPattern.stringValue('$.code', '=', code),
        metricNamespace: namespace,
        metricName,
      });
    }
    return new Metric({ namespace, metricName, statistic: Stats.SUM, period: PERIOD });
  }

  private alarm(
    id: string,
    alarmName: string,
    metric: IMetric,
    { description, above = 0, below, periods = 1 }: AlarmRule,
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
