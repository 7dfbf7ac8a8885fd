import { describe, expect, it } from 'vitest';
import { bakeDefinition } from '../../infra/constructs/bake-states.ts';
import { howItFailed } from '../../shared/domain/bake/how-it-failed.ts';
import { testDefinition } from './support/definition-tests.ts';
import { runStates, StatesError, type Task } from './support/run-states.ts';
import { definitionOf } from './support/synthesize.ts';

const STEPS = ['CheckBaseImage', 'RunBuilder', 'StopBuilder', 'CreateImage', 'TearDown', 'GiveUp'] as const;
type Step = (typeof STEPS)[number];
const arnOf = (step: string) => `arn:aws:lambda:us-east-1:000000000000:function:${step}`;
const definition = bakeDefinition({
  partition: 'aws',
  checkBaseImageArn: arnOf('CheckBaseImage'),
  runBuilderArn: arnOf('RunBuilder'),
  stopBuilderArn: arnOf('StopBuilder'),
  createImageArn: arnOf('CreateImage'),
  tearDownArn: arnOf('TearDown'),
  giveUpArn: arnOf('GiveUp'),
});
const states: Record<string, object> = definition.States;

const bake = { requestKey: 'request#000000000000#amity#bake-17', attempt: 2 };
const validation = { ...bake, imageId: 'ami-new' };
const startedAt = '2026-01-01T00:00:00.000Z';

/** What the functions answer where all is well; a builder's signal stands for the answer of RunBuilder. */
const WELL: Record<Step, object> = {
  CheckBaseImage: { imageId: 'ami-base', timeoutSeconds: 600 },
  RunBuilder: {},
  StopBuilder: { stoppedId: 'i-1' },
  CreateImage: { created: true },
  TearDown: { isGone: true },
  GiveUp: {},
};

type Answers = Partial<Record<Step, (object | Error)[]>>;

/** Runs it: each function answers, or throws, in turn, and then as where all is well. */
async function run(answers: Answers = {}, input: object = bake) {
  const tasks: Task[] = [];
  const { entered, output } = await runStates(
    definition,
    input,
    (task) => {
      tasks.push(task);
      const answer = answers[task.state as Step]?.shift() ?? WELL[task.state as Step];
      if (answer instanceof Error) throw answer;
      return task.state === 'GiveUp' ? { Payload: givenUp(task) } : { Payload: answer };
    },
    startedAt,
  );
  const argsOf = (step: Step) => tasks.filter(({ state }) => state === step).map(({ args }) => args.Payload);
  const steps = entered.filter((state) => !/^(Is|How)/.test(state));
  return { steps, output, tasks, argsOf };
}

/** As handlers/bake/give-up.ts does it. */
const givenUp = ({ args: { Payload } }: Task) => ({
  verdict: 'failed',
  ...howItFailed({ fall: Payload.fall, console: Payload.console, timeoutMinutes: 10 }),
});

const times = <One>(count: number, one: () => One): One[] => Array.from({ length: count }, one);
const thrown = () => new StatesError('Error', '{"errorType":"Error","errorMessage":"broken"}');
const says = (stage: string, error: string) => ({ failed: { stage, error, cause: 'why' } });
const busy = () => new StatesError('Lambda.TooManyRequestsException');

describe('a bake', () => {
  it('goes from the base image to the image, and leaves nothing else', async () => {
    const { steps, output, tasks } = await run({ StopBuilder: [{}] });
    expect(steps).toEqual([
      'CheckBaseImage',
      'RunBuilder',
      'StopBuilder',
      'AwaitStop',
      'StopBuilder',
      'CreateImage',
      'TearDown',
      'Done',
    ]);
    expect(output).toEqual({ verdict: 'available' });
    expect(tasks.map(({ state, args }) => [state, args.FunctionName, args.Payload])).toEqual(
      [
        ['CheckBaseImage', { ...bake, imageId: null }],
        [
          'RunBuilder',
          { ...bake, bake: 'the-run', imageId: 'ami-base', validates: false, taskToken: 'token-1' },
        ],
        ['StopBuilder', { bake: 'the-run', look: 1 }],
        ['StopBuilder', { bake: 'the-run', look: 2 }],
        ['CreateImage', { ...bake, stoppedId: 'i-1', baseImageId: 'ami-base', startedAt }],
        ['TearDown', { bake: 'the-run', look: 1, hasFailed: false }],
      ].map(([step, payload]) => [step, arnOf(String(step)), payload]),
    );
  });

  it('waits for the signal as long as the request says, and for no other step', async () => {
    const { tasks } = await run({ CheckBaseImage: [{ imageId: 'ami-base', timeoutSeconds: 43_200 }] });
    expect(
      tasks.flatMap(({ state, timeoutSeconds }) => (timeoutSeconds ? [[state, timeoutSeconds]] : [])),
    ).toEqual([['RunBuilder', 43_200]]);
  });

  it('asks EC2 again that said later, for the same builder', async () => {
    const { steps, argsOf } = await run({ CreateImage: times(3, () => ({ created: false })) });
    expect(steps.filter((state) => state === 'AwaitEc2')).toHaveLength(3);
    expect(new Set(argsOf('CreateImage').map((each) => JSON.stringify(each))).size).toBe(1);
    expect(steps.at(-1)).toBe('Done');
  });

  it('takes its builder away until it is gone, and counts the looks', async () => {
    const { steps, argsOf } = await run({ TearDown: times(3, () => ({ isGone: false })) });
    expect(argsOf('TearDown').map(({ look }) => look)).toEqual([1, 2, 3, 4]);
    expect(steps.slice(-3)).toEqual(['AwaitEnd', 'TearDown', 'Done']);
  });
});

describe('a validation', () => {
  it('runs a builder from the new image, and makes no image of it', async () => {
    const { steps, output, argsOf } = await run({}, validation);
    expect(steps).toEqual(['CheckBaseImage', 'RunBuilder', 'TearDown', 'Done']);
    expect(output).toEqual({ verdict: 'available' });
    expect(argsOf('CheckBaseImage')).toEqual([validation]);
    expect(argsOf('RunBuilder')).toMatchObject([{ validates: true }]);
  });

  it.each([
    ['its script', new StatesError('ScriptFailed', 'exit 3\nno nginx'), 'validation-failed'],
    ['a time-out', new StatesError('States.Timeout'), 'builder-timeout'],
    ['the builder', new StatesError('builder-gone', 'It is terminated.'), 'builder-gone'],
  ])('that fails by %s answers so, with its stage', async (_, signal, code) => {
    const { steps, output, argsOf } = await run({ RunBuilder: [signal] }, validation);
    expect(steps.slice(1)).toEqual(['RunBuilder', 'TearDown', 'GiveUp']);
    expect(argsOf('GiveUp')).toMatchObject([{ ...bake, validates: true, fall: { stage: 'validate' } }]);
    expect(output).toMatchObject({ verdict: 'failed', stage: 'validate', code });
  });
});

describe('a failure', () => {
  const gone = 'builder-gone';

  it.each<[string, Answers, string[], object]>([
    [
      'of the base image, before there is a builder',
      { CheckBaseImage: [says('base-image', 'base-image-not-found')] },
      ['CheckBaseImage'],
      { stage: 'base-image', code: 'base-image-not-found', message: 'why' },
    ],
    [
      'to start a builder',
      { RunBuilder: [new StatesError('no-capacity', 'subnet-1: full')] },
      ['RunBuilder', 'TearDown'],
      { stage: 'provision', code: 'no-capacity', message: 'subnet-1: full' },
    ],
    [
      'of the script',
      { RunBuilder: [new StatesError('ScriptFailed', 'exit 7\nno such package')] },
      ['RunBuilder', 'TearDown'],
      { stage: 'provision', code: 'script-failed', output: 'no such package' },
    ],
    [
      'of a script that signals without a word',
      { RunBuilder: [new StatesError()] },
      ['RunBuilder', 'TearDown'],
      { stage: 'provision', code: 'script-failed' },
    ],
    [
      'to signal in time',
      { RunBuilder: [new StatesError('States.Timeout')] },
      ['RunBuilder', 'TearDown'],
      { stage: 'provision', code: 'builder-timeout' },
    ],
    [
      'of a builder that is gone before it is stopped',
      { StopBuilder: [{}, says('stop', gone)] },
      ['AwaitStop', 'StopBuilder', 'TearDown'],
      { stage: 'stop', code: gone },
    ],
    [
      'to image it, at once or later',
      { CreateImage: [{ created: false }, says('create-image', 'deadline-exceeded')] },
      ['AwaitEc2', 'CreateImage', 'TearDown'],
      { stage: 'create-image', code: 'deadline-exceeded' },
    ],
  ])('%s takes the builder away, and ends the request', async (_, answers, way, told) => {
    const { steps, output, argsOf } = await run(answers);
    expect(steps.slice(-way.length - 1)).toEqual([...way, 'GiveUp']);
    expect(output).toMatchObject({ verdict: 'failed', ...told });
    expect(argsOf('GiveUp')).toMatchObject([{ ...bake, validates: false }]);
    for (const { hasFailed } of argsOf('TearDown')) expect(hasFailed).toBe(true);
  });

  it('tells what the console showed, whichever look has seen it', async () => {
    const failing = () => new StatesError('States.Timeout');
    const TearDown = [{ isGone: false, console: 'boot' }, { isGone: false }, { isGone: true }];
    const { output, argsOf } = await run({ RunBuilder: [failing()], TearDown });
    expect(output).toMatchObject({ code: 'builder-timeout', output: 'boot' });
    expect((await run({ RunBuilder: [failing()] })).argsOf('GiveUp')).toMatchObject([{ console: '' }]);
    expect(argsOf('TearDown').map(({ look }) => look)).toEqual([1, 2, 3]);
  });

  it('leads through the tear-down wherever it comes from, once a builder may run', () => {
    const ways = (name: string): string[] =>
      [...JSON.stringify(states[name]).matchAll(/"(?:Next|Default)":"(\w+)"/g)].map(([, next = '']) => next);
    const reached = new Set(['RunBuilder']);
    for (const name of reached) for (const next of ways(name)) if (next !== 'TearDown') reached.add(next);
    expect([...reached]).toEqual(expect.arrayContaining(['StopBuilder', 'CreateImage', 'AwaitEc2']));
    expect([...reached]).not.toContain('GiveUp');
    expect([...reached]).not.toContain('Done');
  });
});

describe('a function that throws', () => {
  it.each<[Step, number, string]>([
    ['CheckBaseImage', 7, 'base-image'],
    ['RunBuilder', 1, 'provision'],
    ['StopBuilder', 7, 'stop'],
    ['CreateImage', 7, 'create-image'],
  ])('%s is called %i times; then the bake has failed there', async (step, calls, stage) => {
    const { steps, argsOf } = await run({ [step]: times(calls, thrown) });
    expect(argsOf(step)).toHaveLength(calls);
    expect(argsOf('GiveUp')).toMatchObject([{ fall: { stage, error: 'Error', cause: thrown().message } }]);
    expect(steps.slice(-3)).toEqual(
      step === 'CheckBaseImage' ? [step, 'GiveUp'] : [step, 'TearDown', 'GiveUp'],
    );
  });

  it.each<Step>(['CheckBaseImage', 'StopBuilder', 'CreateImage', 'TearDown'])(
    '%s once or twice does not harm',
    async (step) => {
      const { steps } = await run({ [step]: times(6, thrown) });
      expect(steps.at(-1)).toBe('Done');
    },
  );

  it('TearDown leaves the builder to the daily run, and the request ends as it would have', async () => {
    const well = await run({ TearDown: times(7, thrown) });
    expect(well.argsOf('TearDown')).toHaveLength(7);
    expect(well.steps.slice(-2)).toEqual(['TearDown', 'Done']);
    const failing = { RunBuilder: [new StatesError('States.Timeout')], TearDown: times(7, thrown) };
    expect((await run(failing)).output).toMatchObject({ verdict: 'failed', code: 'builder-timeout' });
  });

  it('GiveUp is called for hours, and then fails the execution, which is heard of', async () => {
    const failing = (count: number) => ({
      CheckBaseImage: [says('base-image', 'gone')],
      GiveUp: times(count, thrown),
    });
    expect((await run(failing(60))).argsOf('GiveUp')).toHaveLength(61);
    await expect(run(failing(61))).rejects.toMatchObject({ output: { Error: 'Error' } });
  });
});

describe("Lambda's own troubles", () => {
  it.each(STEPS)('are waited out by %s for hours', async (step) => {
    const failing = step === 'GiveUp' ? { StopBuilder: times(7, thrown) } : {};
    const { argsOf, output } = await run({ ...failing, [step]: times(60, busy) });
    expect(argsOf(step)).toHaveLength(61);
    expect(output).toMatchObject({ verdict: step === 'GiveUp' ? 'failed' : 'available' });
  });

  it('are not, where a builder may have been started: it would know another token', async () => {
    const { argsOf, output } = await run({ RunBuilder: [new StatesError('Lambda.ServiceException')] });
    expect(argsOf('RunBuilder')).toHaveLength(1);
    expect(output).toMatchObject({ code: 'bake-error', stage: 'provision' });
  });

  it('give each start of a builder a token of its own', async () => {
    const { argsOf } = await run({ RunBuilder: [busy(), busy()] });
    expect(argsOf('RunBuilder').map(({ taskToken }) => taskToken)).toEqual(['token-1', 'token-2', 'token-3']);
  });
});

testDefinition(definition);

it('is what the stack runs, on the functions of these names', () => {
  const { States } = definitionOf('Bake');
  expect(Object.keys(States)).toEqual(Object.keys(states));
  for (const step of STEPS) expect(States[step].Arguments.FunctionName).toMatch(new RegExp(`^Bake${step}`));
});
