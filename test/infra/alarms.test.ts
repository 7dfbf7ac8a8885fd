import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runsDaily } from '../../infra/schedule-expression.ts';
import { CLEAN_UP_FAILURES, FAILURE_CODES } from '../../shared/domain/failures.ts';
import { alarmsIn, FIRST, mathOf } from './support/alarms.ts';
import { FULL, type Resource, synthesize } from './support/synthesize.ts';

const stack = synthesize(FULL);
const { of, one, outputs, template } = stack;
const { alarms, named, idOf, queueName, functionName, stateMachine } = alarmsIn(stack);

it('are these', () => {
  expect(alarms.map(({ AlarmName }) => AlarmName.replace('Amity-', '')).sort()).toEqual([
    'BakeCrashing',
    'BakeFailed',
    'BakeNotAsked',
    'CleanUpFailed',
    'CleanUpMissing',
    'CleanUpStopped',
    'Crashing',
    'DeadLetters',
    'FollowNewestFailed',
    'MoveCrashing',
    'OldestRequest',
    'PastDeadline',
    'RolloutBroke',
    'RolloutCrashing',
    'Undelivered',
    'WaiterFailed',
  ]);
});

describe('each alarm', () => {
  it.each(alarms.map((each) => [each.AlarmName, each] as const))(
    '%s tells the topic, and a person what it means and what to do',
    (_, { AlarmActions, AlarmDescription, TreatMissingData, Metrics = [] }) => {
      expect(AlarmActions).toEqual([{ Ref: idOf('AWS::SNS::Topic', 'Alarms') }]);
      expect(AlarmDescription).toMatch(/^[A-Z].{80,}\.$/);
      expect(AlarmDescription.length).toBeLessThanOrEqual(1024);
      expect(['notBreaching', 'breaching']).toContain(TreatMissingData);
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
      expect(mathOf({ Metrics }).metrics.length).toBeLessThanOrEqual(10);
    },
  );
});

describe('there is an alarm', () => {
  it.each([
    ['DeadLetters', 'DeadLettersQueue', /npm run redrive/],
    ['Undelivered', 'DeadLettersUndelivered', /replay the archive.*UndeliveredQueueUrl/],
  ])('when anything lies in the queue of %s, however it got there', (name, queue, what) => {
    expect(named(name)).toMatchObject({
      ...FIRST,
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Statistic: 'Maximum',
      Dimensions: queueName(queue),
      TreatMissingData: 'notBreaching',
    });
    expect(named(name).AlarmDescription).toMatch(what);
  });

  it.each([
    [
      'PastDeadline',
      'a request outlives its deadline',
      [
        ['deadline-exceeded', 'AmiRequestedCreateImage'],
        ['timeout', 'WaiterCheckImage'],
      ],
      '1440 minutes',
    ],
    [
      'CleanUpStopped',
      'a brake of the clean-up holds',
      [
        ['stopped', 'ScheduleCleanUp'],
        ['stopped', 'AmiAvailableCleanUp'],
      ],
      'more than 0.5 of the images',
    ],
  ] as const)('%s: when %s, by what its functions log', (name, _, lines, what) => {
    const filters = of('AWS::Logs::MetricFilter')
      .map(([, { Properties }]) => Properties)
      .filter(({ MetricTransformations }) => MetricTransformations[0].MetricName === name);
    expect(filters.map(({ FilterPattern, LogGroupName }) => [FilterPattern, LogGroupName.Ref])).toEqual(
      lines.map(([code, place]) => [`{ $.code = "${code}" }`, idOf('AWS::Logs::LogGroup', place)]),
    );
    for (const { MetricTransformations } of filters) {
      expect(MetricTransformations).toEqual([
        { MetricNamespace: 'Amity/Amity', MetricName: name, MetricValue: '1' },
      ]);
    }
    const metric = { Namespace: 'Amity/Amity', MetricName: name, Statistic: 'Sum' };
    expect(named(name)).toMatchObject({ ...FIRST, ...metric });
    expect(named(name).AlarmDescription).toContain(what);
  });

  it('when nobody takes requests any more', () => {
    const own = alarmsWith({ requests: { deadlineMinutes: 30 } });
    expect(own.named('OldestRequest')).toMatchObject({
      ...FIRST,
      MetricName: 'ApproximateAgeOfOldestMessage',
      Statistic: 'Maximum',
      Threshold: 90 * 60,
    });
    expect(named('OldestRequest').Dimensions).toEqual(queueName('AmiRequestedCreateImage'));
  });

  it('when the clean-up of all names fails, in a run or by hand', () => {
    const { expression, metrics } = mathOf(named('CleanUpFailed'));
    expect(expression).toBe('FILL(m0, 0) + FILL(m1, 0)');
    expect(metrics).toMatchObject([
      { Metric: { MetricName: 'Errors', Dimensions: functionName('ScheduleCleanUp') }, Stat: 'Sum' },
      { Metric: { MetricName: 'ExecutionsFailed', Dimensions: stateMachine('ScheduleRun') }, Stat: 'Sum' },
    ]);
    expect(named('CleanUpFailed')).toMatchObject(FIRST);
  });

  it('when a day is over without a run, even if nothing at all is measured', () => {
    expect(named('CleanUpMissing')).toMatchObject({
      MetricName: 'ExecutionsStarted',
      Dimensions: stateMachine('ScheduleRun'),
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      Period: 3600,
      EvaluationPeriods: 26,
      TreatMissingData: 'breaching',
    });
  });

  it.each([
    ['a waiter', 'WaiterFailed', 'WaiterStateMachine'],
    ['the workflow of a bake', 'BakeFailed', 'BakeStateMachine'],
  ])('when %s does not end well', (_, name, machine) => {
    const { expression, metrics } = mathOf(named(name));
    expect(expression).toBe('FILL(m0, 0) + FILL(m1, 0) + FILL(m2, 0)');
    expect(metrics).toEqual(
      ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'].map((MetricName) => ({
        Metric: {
          Namespace: 'AWS/States',
          MetricName,
          Dimensions: stateMachine(machine),
        },
        Period: 300,
        Stat: 'Sum',
      })),
    );
  });

  it.each([
    [
      'Crashing',
      [
        'HttpRequestAmi',
        'AmiRequestedCreateImage',
        'AmiCreatedStartWaiter',
        'Ec2AmiStateChange',
        'WaiterCheckImage',
        'WaiterConcludeValidation',
      ],
    ],
    [
      'BakeCrashing',
      [
        'HttpBakeAmi',
        'AmiBakeRequestedStartBake',
        'Ec2InstanceStateChangeFailBuilder',
        'StatesExecutionChangeGiveUpBake',
        'BakeCheckBaseImage',
        'BakeRunBuilder',
        'BakeStopBuilder',
        'BakeCreateImage',
        'BakeTearDown',
        'BakeGiveUp',
      ],
    ],
  ])('%s: when a function crashes for three quarters of an hour, and not at once', (name, functions) => {
    const { metrics } = mathOf(named(name));
    expect(metrics.map(({ Metric }: { Metric: Resource['Properties'] }) => Metric.Dimensions)).toEqual(
      functions.map(functionName),
    );
    for (const metric of metrics)
      expect(metric).toMatchObject({ Metric: { MetricName: 'Errors' }, Period: 900 });
    expect(named(name)).toMatchObject({ EvaluationPeriods: 3, Threshold: 0 });
  });

  it('when a bake of the configuration was not asked for, if there is any', () => {
    expect(named('BakeNotAsked')).toMatchObject({
      ...FIRST,
      MetricName: 'Errors',
      Statistic: 'Sum',
      Dimensions: functionName('ScheduleBake'),
    });
    expect(JSON.stringify(synthesize().template)).not.toContain('BakeNotAsked');
  });
});

function alarmsWith(config: object) {
  const made = synthesize(config);
  return { made, ...alarmsIn(made) };
}

describe('what a metric filter counts', () => {
  it('is the code at the top of a line of JSON, as our logger writes it, and one of ours', () => {
    const logger = pathToFileURL(join(import.meta.dirname, '..', '..', 'shared', 'runtime', 'log.ts')).href;
    const script = `import { log } from '${logger}'; log.warn('Late', { code: 'deadline-exceeded' });`;
    const env = { ...process.env, POWERTOOLS_LOG_LEVEL: 'INFO', POWERTOOLS_DEV: 'false' };
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { env });
    expect(JSON.parse(stderr.toString())).toMatchObject({ code: 'deadline-exceeded', level: 'WARN' });
    const counted = of('AWS::Logs::MetricFilter').map(
      ([, { Properties }]) => /"(.+)"/.exec(Properties.FilterPattern)?.[1],
    );
    expect(counted).toHaveLength(4);
    expect([...FAILURE_CODES, ...Object.keys(CLEAN_UP_FAILURES)]).toEqual(expect.arrayContaining(counted));
  });
});

describe('a schedule', () => {
  it.each([
    'cron(0 3 * * ? *)',
    'cron(0/15 8-18 ? * * *)',
    'rate(1 day)',
    'rate(24 hours)',
    'rate(15 minutes)',
  ])('that comes daily is missed: %s', (schedule) => {
    expect(runsDaily(schedule)).toBe(true);
    expect(alarmsWith({ retention: { schedule } }).named('CleanUpMissing')).toMatchObject({ Threshold: 1 });
  });

  it.each([
    'cron(0 3 ? * SUN *)',
    'cron(0 3 1 * ? *)',
    'cron(0 3 * JAN ? *)',
    'cron(0 3 * * ? 2027)',
    'rate(2 days)',
    'rate(25 hours)',
  ])('that is rarer has no such alarm: %s', (schedule) => {
    expect(runsDaily(schedule)).toBe(false);
    expect(() => alarmsWith({ retention: { schedule } }).named('CleanUpMissing')).toThrow('No alarm');
  });
});

describe('the topic', () => {
  it('takes what the alarms of this account say, over TLS, and can be subscribed to', () => {
    expect(outputs.AlarmTopicArn).toEqual({ Value: { Ref: idOf('AWS::SNS::Topic', 'Alarms') } });
    const [deny, allow, ...more] = one('AWS::SNS::TopicPolicy', 'Alarms').Properties.PolicyDocument.Statement;
    expect(more).toEqual([]);
    expect(deny).toMatchObject({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
    expect(allow).toMatchObject({
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: { Ref: idOf('AWS::SNS::Topic', 'Alarms') },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
    expect(JSON.stringify(allow.Condition.ArnLike['aws:SourceArn'])).toContain(':alarm:*');
  });

  it('is on no key that CloudWatch cannot use', () => {
    expect(one('AWS::SNS::Topic', 'Alarms').Properties).not.toHaveProperty('KmsMasterKeyId');
  });
});

describe('without alarms', () => {
  it('there is no topic, no count and no output', () => {
    const { made, alarms: none } = alarmsWith({ alarms: { enabled: false } });
    expect(none).toEqual([]);
    expect(made.outputs).not.toHaveProperty('AlarmTopicArn');
    expect(JSON.stringify(made.template)).not.toMatch(/AWS::SNS|MetricFilter/);
  });

  it('they are named after the stack otherwise, so that two do not meet', () => {
    const text = JSON.stringify(alarmsWith({ stackName: 'Other' }).made.template);
    expect(text).toContain('"Other-DeadLetters"');
    expect(text).toContain('"Amity/Other"');
    expect(JSON.stringify(template)).not.toContain('Other-');
  });
});
