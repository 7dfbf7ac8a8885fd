import type { Resource, synthesize } from './synthesize.ts';

/** The alarms of a stack, and what they may watch, as CloudFormation has it. */
export function alarmsIn({ of }: Pick<ReturnType<typeof synthesize>, 'of'>) {
  const alarms = of('AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
  const idOf = (type: string, start: string) =>
    of(type).find(([id]) => id.startsWith(start))?.[0] ?? `no ${type} ${start}`;
  return {
    alarms,
    idOf,
    named: (name: string): Resource['Properties'] => {
      const found = alarms.find(({ AlarmName }) => AlarmName.endsWith(`-${name}`));
      if (!found) throw new Error(`No alarm ${name}`);
      return found;
    },
    queueName: (start: string) => [
      { Name: 'QueueName', Value: { 'Fn::GetAtt': [idOf('AWS::SQS::Queue', start), 'QueueName'] } },
    ],
    functionName: (start: string) => [
      { Name: 'FunctionName', Value: { Ref: idOf('AWS::Lambda::Function', start) } },
    ],
    stateMachine: (start: string) => [
      { Name: 'StateMachineArn', Value: { Ref: idOf('AWS::StepFunctions::StateMachine', start) } },
    ],
  };
}

/** The metrics of an alarm on metric math, and the expression over them. */
export const mathOf = ({ Metrics }: Resource['Properties']) => ({
  expression: Metrics.find(({ Expression }: { Expression?: string }) => Expression)?.Expression,
  metrics: Metrics.flatMap(
    ({ MetricStat }: { MetricStat?: { Metric: unknown; Period: number; Stat: string } }) =>
      MetricStat ? [MetricStat] : [],
  ),
});

/** Of an alarm that rings at the first time. */
export const FIRST = { Threshold: 0, ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1 };
