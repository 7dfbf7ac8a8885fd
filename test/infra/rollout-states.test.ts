import { describe, expect, it } from 'vitest';
import { rolloutDefinition } from '../../infra/constructs/rollout-states.ts';
import { Refresh } from '../../shared/aws/rollout/refresh.ts';
import { AmiRolloutFailed } from '../../shared/events/ami-rollout-failed.ts';
import { AmiRolloutSucceeded } from '../../shared/events/ami-rollout-succeeded.ts';
import { testDefinition } from './support/definition-tests.ts';
import { runStates, StatesError, type Task } from './support/run-states.ts';
import { definitionOf } from './support/synthesize.ts';

const arnOf = (step: string) => `arn:aws:lambda:us-east-1:000000000000:function:${step}`;
const definition = rolloutDefinition({
  partition: 'aws',
  startRefreshArn: arnOf('StartRefresh'),
  checkRefreshArn: arnOf('CheckRefresh'),
  waitingTable: 'waiting',
  busName: 'amity',
  pollSeconds: 300,
});

/** What a rollout starts an execution with, for each of its groups: shared/aws/rollout/carry-out.ts. */
const told = {
  launchTemplateId: 'lt-0123456789abcdef0',
  version: 4,
  imageId: 'ami-0123456789abcdef0',
  previousVersion: 3,
  previousImageId: 'ami-00000000000000003',
  instanceName: 'service-api',
  requestId: 'deploy-17',
  autoScalingGroupName: 'api',
};
const refresh = Refresh.parse({ ...told, kind: 'out' });
const startedAt = '2026-01-01T00:00:00.000Z';

const STARTED = { outcome: 'started', refreshId: 'refresh-1' };
type Answers = Partial<Record<'StartRefresh' | 'CheckRefresh' | 'AwaitEnd' | 'Announce', unknown[]>>;

/** Runs it: each function answers, or throws, in turn, and then as where all is well; the table takes every token. */
async function run(answers: Answers = {}, input: object = refresh) {
  const tasks: Task[] = [];
  const well: Record<string, unknown> = {
    StartRefresh: STARTED,
    CheckRefresh: { verdict: 'succeeded' },
  };
  const { entered } = await runStates(
    definition,
    input,
    (task) => {
      tasks.push(task);
      const step = task.state.replace(/^(Announce).*/, '$1');
      const answer = answers[step as keyof Answers]?.shift() ?? well[step] ?? {};
      if (answer instanceof Error) throw answer;
      return step in well ? { Payload: answer } : answer;
    },
    startedAt,
  );
  const argsOf = (state: string) => tasks.filter((task) => task.state === state).map(({ args }) => args);
  const [entry] = tasks.at(-1)?.args.Entries ?? [];
  return {
    steps: entered.filter((state) => !/^(Is|How)/.test(state)),
    tasks,
    argsOf,
    entry,
    detail: entry && JSON.parse(entry.Detail),
  };
}

const times = <One>(count: number, one: () => One): One[] => Array.from({ length: count }, one);
const thrown = () =>
  new StatesError('ZodError', '{"errorType":"ZodError","errorMessage":"no \\"id\\"","trace":["at x"]}');
const busy = () => new StatesError('Lambda.TooManyRequestsException');

describe('the refresh of a group', () => {
  it('is begun, awaited, looked at and told', async () => {
    const { steps, argsOf, entry, detail } = await run();
    expect(steps).toEqual(['StartRefresh', 'AwaitEnd', 'CheckRefresh', 'AnnounceSucceeded']);
    expect(argsOf('StartRefresh')).toEqual([
      { FunctionName: arnOf('StartRefresh'), Payload: { refresh: { ...told, kind: 'out' } } },
    ]);
    expect(argsOf('CheckRefresh')).toEqual([
      {
        FunctionName: arnOf('CheckRefresh'),
        Payload: { autoScalingGroupName: 'api', refreshId: 'refresh-1', startedAt },
      },
    ]);
    expect(entry).toMatchObject({
      EventBusName: 'amity',
      Source: 'amity',
      DetailType: AmiRolloutSucceeded.detailType,
    });
    expect(detail).toEqual(told);
    expect(AmiRolloutSucceeded.schema.parse(detail)).toEqual(detail);
  });

  it('keeps its token under the id of the refresh, for whoever hears of its end', async () => {
    const { argsOf, tasks } = await run();
    expect(argsOf('AwaitEnd')).toMatchObject([
      { TableName: 'waiting', Item: { id: { S: 'refresh-1' }, taskToken: { S: 'token-1' } } },
    ]);
    expect(tasks.find(({ state }) => state === 'AwaitEnd')?.timeoutSeconds).toBe(300);
    const [{ Item }] = argsOf('AwaitEnd');
    // A day longer than the wait.
    expect(Number(Item.expiresAt.N)).toBeGreaterThan(Date.now() / 1000 + 86_400);
  });

  it('tells nothing of an image before, where there was none', async () => {
    const { previousImageId: _, ...first } = refresh;
    const { detail } = await run({}, first);
    expect(detail).not.toHaveProperty('previousImageId');
    expect(AmiRolloutSucceeded.schema.parse(detail)).toEqual(detail);
  });

  it('that goes on is awaited again, under the same id', async () => {
    const { steps, argsOf } = await run({ CheckRefresh: times(3, () => ({ verdict: 'running' })) });
    expect(steps.filter((state) => state === 'AwaitEnd')).toHaveLength(4);
    expect(new Set(argsOf('AwaitEnd').map(({ Item }) => Item.id.S))).toEqual(new Set(['refresh-1']));
    expect(argsOf('StartRefresh')).toHaveLength(1);
    expect(steps.at(-1)).toBe('AnnounceSucceeded');
  });

  it('that nobody tells of is looked at when a poll has gone by', async () => {
    const { steps } = await run({ AwaitEnd: [new StatesError('States.Timeout')] });
    expect(steps).toEqual(['StartRefresh', 'AwaitEnd', 'CheckRefresh', 'AnnounceSucceeded']);
  });

  it('whose token cannot be kept is waited for all the same', async () => {
    const { steps, argsOf } = await run({ AwaitEnd: [new StatesError('DynamoDb.DynamoDbException')] });
    expect(steps).toEqual(['StartRefresh', 'AwaitEnd', 'Pause', 'CheckRefresh', 'AnnounceSucceeded']);
    expect(argsOf('CheckRefresh')[0].Payload.refreshId).toBe('refresh-1');
  });

  it('is begun when no other one runs any more', async () => {
    const { steps, argsOf } = await run({ StartRefresh: times(2, () => ({ outcome: 'busy' })) });
    expect(steps.slice(0, 6)).toEqual([
      'StartRefresh',
      'AwaitOther',
      'StartRefresh',
      'AwaitOther',
      'StartRefresh',
      'AwaitEnd',
    ]);
    expect(new Set(argsOf('StartRefresh').map((each) => JSON.stringify(each))).size).toBe(1);
  });

  it('that nobody wants any more ends without a word', async () => {
    const { steps, entry } = await run({ StartRefresh: [{ outcome: 'busy' }, { outcome: 'over' }] });
    expect(steps).toEqual(['StartRefresh', 'AwaitOther', 'StartRefresh', 'Over']);
    expect(entry).toBeUndefined();
  });
});

describe('a refresh that fails', () => {
  const why = { code: 'refresh-rolled-back', message: 'Failed health checks.' };

  it.each<[string, Answers, string, object]>([
    ['by its end', { CheckRefresh: [{ verdict: 'failed', ...why }] }, 'CheckRefresh', why],
    [
      'before its begin',
      { StartRefresh: [{ outcome: 'failed', code: 'pass-role', message: 'no' }] },
      'StartRefresh',
      { code: 'pass-role', message: 'no' },
    ],
    [
      'as its beginning throws',
      { StartRefresh: times(7, thrown) },
      'StartRefresh',
      { code: 'rollout-error', message: 'ZodError: no "id"' },
    ],
    [
      'as the look at it throws',
      { CheckRefresh: times(7, thrown) },
      'CheckRefresh',
      { code: 'rollout-error', message: 'ZodError: no "id"' },
    ],
  ])('%s is told, with what it was about', async (_, answers, last, failure) => {
    const { steps, entry, detail } = await run(answers);
    expect(steps.slice(-2)).toEqual([last, 'AnnounceFailed']);
    expect(entry).toMatchObject({ Source: 'amity', DetailType: AmiRolloutFailed.detailType });
    expect(detail).toEqual({ ...told, ...failure });
    expect(AmiRolloutFailed.schema.parse(detail)).toEqual(detail);
  });
});

describe('a trouble that passes', () => {
  it.each(['StartRefresh', 'CheckRefresh'] as const)('of %s is not the end', async (step) => {
    for (const [count, error] of [
      [6, thrown],
      [60, busy],
    ] as const) {
      const { argsOf, steps } = await run({ [step]: times(count, error) });
      expect(argsOf(step)).toHaveLength(count + 1);
      expect(steps.at(-1)).toBe('AnnounceSucceeded');
    }
  });

  it('of the bus is waited out for hours; then the execution has failed, which is heard of', async () => {
    const error = () => new StatesError('Events.EventBridgeException');
    expect((await run({ Announce: times(60, error) })).argsOf('AnnounceSucceeded')).toHaveLength(61);
    await expect(run({ Announce: times(61, error) })).rejects.toBeInstanceOf(StatesError);
  });
});

testDefinition(definition);

it('is what the stack runs, on the functions of these names', () => {
  const { States } = definitionOf('Rollout');
  expect(Object.keys(States)).toEqual(Object.keys(definition.States));
  for (const step of ['StartRefresh', 'CheckRefresh'])
    expect(States[step].Arguments.FunctionName).toMatch(new RegExp(`^Rollout${step}`));
});
