import { describe, expect, it } from 'vitest';
import { moveDefinition } from '../../infra/constructs/move-states.ts';
import { Move } from '../../shared/aws/move/input.ts';
import { AmiMoveFailed } from '../../shared/events/ami-move-failed.ts';
import { AmiMoved } from '../../shared/events/ami-moved.ts';
import { testDefinition } from './support/definition-tests.ts';
import { runStates, StatesError, type Task } from './support/run-states.ts';
import { definitionOf } from './support/synthesize.ts';

const STEPS = ['RequestImage', 'RunInstance', 'Conclude'] as const;
type Step = (typeof STEPS)[number];
const arnOf = (step: string) => `arn:aws:lambda:us-east-1:000000000000:function:${step}`;
const definition = moveDefinition({
  partition: 'aws',
  requestImageArn: arnOf('RequestImage'),
  runInstanceArn: arnOf('RunInstance'),
  concludeArn: arnOf('Conclude'),
  busName: 'amity',
  pollSeconds: 300,
});

/** What handlers/ami-move-requested/start-move.ts starts an execution with. */
const move = Move.parse({
  requestId: 'move-17',
  sourceInstanceId: 'i-0123456789abcdef0',
  subnetId: 'subnet-0123456789abcdef0',
  stopSource: true,
  imageRequestId: 'move-0123456789abcdef',
});
const startedAt = '2026-01-01T00:00:00.000Z';
const ran = {
  instanceId: 'i-0fedcba9876543210',
  imageId: 'ami-0123456789abcdef0',
  since: '2026-01-01T00:10:00.000Z',
};

/** What the functions answer where all is well. */
const WELL: Record<Step, object> = {
  RequestImage: { instanceName: 'service-db' },
  RunInstance: ran,
  Conclude: { moved: true },
};
type Answers = Partial<Record<Step | 'Announce', unknown[]>>;

/** Runs it: each function answers, or throws, in turn, and then as where all is well. */
async function run(answers: Answers = {}, input: Move = move, startTime = startedAt) {
  const tasks: Task[] = [];
  const { entered, pauses } = await runStates(
    definition,
    input,
    (task) => {
      tasks.push(task);
      const step = task.state.replace(/^(Announce).*/, '$1');
      const answer = answers[step as Step]?.shift() ?? WELL[step as Step] ?? {};
      if (answer instanceof Error) throw answer;
      return { Payload: answer };
    },
    startTime,
  );
  const [entry] = tasks.at(-1)?.args.Entries ?? [];
  return {
    pauses,
    steps: entered.filter((state) => !state.startsWith('Is')),
    payloadsOf: (step: Step) => tasks.filter(({ state }) => state === step).map(({ args }) => args.Payload),
    functions: tasks.flatMap(({ state, args }) => (args.FunctionName ? [[state, args.FunctionName]] : [])),
    announcements: tasks.filter(({ state }) => state.startsWith('Announce')),
    entry,
    detail: JSON.parse(entry.Detail),
  };
}

const times = <One>(count: number, one: () => One): One[] => Array.from({ length: count }, one);
const pending = { pending: true };
const thrown = () => new StatesError('Error', '{"errorType":"Error","errorMessage":"broken","trace":[]}');

describe('a move', () => {
  it('goes from the image to the new instance, and tells of it', async () => {
    const { steps, functions, entry, detail } = await run();
    expect(steps).toEqual([...STEPS, 'AnnounceMoved']);
    expect(functions).toEqual(STEPS.map((step) => [step, arnOf(step)]));
    expect(entry).toMatchObject({
      EventBusName: 'amity',
      Source: 'amity',
      DetailType: AmiMoved.detailType,
    });
    expect(detail).toEqual({
      sourceInstanceId: move.sourceInstanceId,
      instanceId: ran.instanceId,
      imageId: ran.imageId,
      instanceName: 'service-db',
      subnetId: move.subnetId,
      sourceStopped: true,
      requestId: move.requestId,
    });
    expect(AmiMoved.schema.parse(detail)).toEqual(detail);
  });

  it('gives each step what it was asked for, and what the steps before have found', async () => {
    const { payloadsOf } = await run();
    expect(payloadsOf('RequestImage')).toEqual([move]);
    expect(payloadsOf('RunInstance')).toEqual([{ ...move, instanceName: 'service-db', startedAt }]);
    expect(payloadsOf('Conclude')).toEqual([{ ...move, instanceName: 'service-db', ...ran }]);
  });

  it('says whether the source was to be stopped', async () => {
    const { detail } = await run({}, { ...move, stopSource: false });
    expect(detail.sourceStopped).toBe(false);
  });

  it('waits for the image, and for the status checks, as often as it takes', async () => {
    const { steps, payloadsOf, entry } = await run({
      RunInstance: times(3, () => pending),
      Conclude: times(2, () => pending),
    });
    expect(steps).toEqual([
      'RequestImage',
      ...times(3, () => ['RunInstance', 'AwaitImage']).flat(),
      'RunInstance',
      ...times(2, () => ['Conclude', 'AwaitChecks']).flat(),
      'Conclude',
      'AnnounceMoved',
    ]);
    for (const step of ['RunInstance', 'Conclude'] as const) {
      const [first, ...others] = payloadsOf(step);
      expect(first).not.toHaveProperty('pending');
      for (const other of others)
        expect({ ...other, pending: undefined }).toEqual({ ...first, pending: undefined });
    }
    expect(entry.DetailType).toBe('AmiMoved');
  });
});

describe('a pause', () => {
  it.each([
    [0, 30],
    [9, 30],
    [60, 180],
    [24 * 60, 4320],
  ])('%i minutes after the begin is of %i seconds', async (minutes, seconds) => {
    const begin = new Date(Date.now() - minutes * 60_000 - 100).toISOString();
    const { pauses } = await run({ RunInstance: [pending], Conclude: [pending] }, move, begin);
    for (const each of pauses) expect(each - seconds).toBeOneOf([0, 1]);
    expect(pauses).toHaveLength(2);
  });

  it('grows, so that a month of looks is within what an execution can hold', () => {
    let looks = 0;
    for (let at = 0; at < 30 * 86_400; looks += 1) at += Math.max(30, Math.floor(at / 20));
    // Nine events a look: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
    expect(9 * looks).toBeLessThan(25_000 / 10);
  });
});

describe('a step that fails', () => {
  const failure = { code: 'source-unfit', message: 'The source is stopped.' };
  const { sourceInstanceId, subnetId, requestId } = move;
  const asked = { sourceInstanceId, subnetId, requestId };
  const named = { ...asked, instanceName: 'service-db' };
  const started = { ...named, instanceId: ran.instanceId, imageId: ran.imageId };

  it.each<[Step, object]>([
    ['RequestImage', asked],
    ['RunInstance', named],
    ['Conclude', started],
  ])('%s ends the move there, and it is told how far it came', async (step, known) => {
    for (const before of [[], [pending]]) {
      const { steps, entry, detail, announcements } = await run({ [step]: [...before, { failed: failure }] });
      expect(steps.slice(-2)).toEqual([step, 'AnnounceFailed']);
      expect(steps.filter((each) => STEPS.indexOf(each as Step) > STEPS.indexOf(step))).toEqual([]);
      expect(announcements).toHaveLength(1);
      expect(entry).toMatchObject({ Source: 'amity', DetailType: AmiMoveFailed.detailType });
      expect(detail).toEqual({ ...known, ...failure });
      expect(AmiMoveFailed.schema.parse(detail)).toEqual(detail);
    }
  });

  it.each<[Step, object]>([
    ['RequestImage', asked],
    ['RunInstance', named],
    ['Conclude', started],
  ])('%s as it throws, again and again, ends it the same way', async (step, known) => {
    const { steps, payloadsOf, detail } = await run({ [step]: times(7, thrown) });
    expect(payloadsOf(step)).toHaveLength(7);
    expect(steps.slice(-2)).toEqual([step, 'AnnounceFailed']);
    expect(detail).toEqual({ ...known, code: 'move-error', message: 'Error: broken' });
    expect(AmiMoveFailed.schema.parse(detail)).toEqual(detail);
  });
});

describe('a trouble that passes', () => {
  it.each(STEPS)('of %s is not the end', async (step) => {
    for (const [count, error] of [
      [6, thrown],
      [60, () => new StatesError('Lambda.ServiceException')],
    ] as const) {
      const { payloadsOf, entry } = await run({ [step]: times(count, error) });
      expect(payloadsOf(step)).toHaveLength(count + 1);
      expect(new Set(payloadsOf(step).map((each) => JSON.stringify(each))).size).toBe(1);
      expect(entry.DetailType).toBe('AmiMoved');
    }
  });

  it('of the bus is waited out for hours; then the execution has failed, which is heard of', async () => {
    const error = () => new StatesError('Events.EventBridgeException');
    expect((await run({ Announce: times(60, error) })).announcements).toHaveLength(61);
    await expect(run({ Announce: times(61, error) })).rejects.toBeInstanceOf(StatesError);
  });
});

testDefinition(definition);

it('is what the stack runs, on the functions of these names', () => {
  const { States } = definitionOf('Move');
  expect(Object.keys(States)).toEqual(Object.keys(definition.States));
  for (const step of STEPS) expect(States[step].Arguments.FunctionName).toMatch(new RegExp(`^Move${step}`));
});
