import { describe, expect, it } from 'vitest';
import { alarmsIn, FIRST, mathOf } from './support/alarms.ts';
import { FULL, type Resource, synthesize } from './support/synthesize.ts';

const { named, functionName, stateMachine } = alarmsIn(synthesize(FULL));

describe('there is an alarm', () => {
  it('when the workflow of a refresh or of a move does not end well: that is not a refresh that failed', () => {
    const { expression, metrics } = mathOf(named('RolloutBroke'));
    expect(expression).toBe([0, 1, 2, 3, 4, 5].map((each) => `FILL(m${each}, 0)`).join(' + '));
    expect(metrics).toEqual(
      ['RolloutStateMachine', 'MoveStateMachine'].flatMap((machine) =>
        ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'].map((MetricName) => ({
          Metric: { Namespace: 'AWS/States', MetricName, Dimensions: stateMachine(machine) },
          Period: 300,
          Stat: 'Sum',
        })),
      ),
    );
    expect(named('RolloutBroke')).toMatchObject(FIRST);
    expect(named('RolloutBroke').AlarmDescription).toContain('redrive-execution');
  });

  it('when not everything that follows a name could be brought to its newest image', () => {
    expect(named('FollowNewestFailed')).toMatchObject({
      ...FIRST,
      MetricName: 'Errors',
      Statistic: 'Sum',
      Dimensions: functionName('ScheduleFollowNewest'),
      TreatMissingData: 'notBreaching',
    });
    expect(named('FollowNewestFailed').AlarmDescription).toContain('FollowNewestFunctionName');
  });

  it.each([
    [
      'RolloutCrashing',
      [
        'AmiAvailableRollOut',
        'AmiAvailableSetPointer',
        'AmiRollbackRequestedRollBack',
        'AutoScalingRefreshChangeWakeRollout',
        'RolloutStartRefresh',
        'RolloutCheckRefresh',
      ],
    ],
    [
      'MoveCrashing',
      [
        'AmiMoveRequestedStartMove',
        'BackupJobStateChangeRequestImage',
        'MoveRequestImage',
        'MoveRunInstance',
        'MoveConclude',
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
});
