import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cleanupDefinition } from '../../infra/constructs/cleanup-states.ts';
import { testDefinition } from './support/definition-tests.ts';
import { runStates, StatesError } from './support/run-states.ts';
import { synthesize } from './support/synthesize.ts';

const cleanUpArn = 'arn:aws:lambda:us-east-1:000000000000:function:clean-up';
const definition = cleanupDefinition({ partition: 'aws', cleanUpArn });
const startedAt = '2026-01-01T03:00:00.000Z';

const goesOn = { done: false };
const done = { done: true, report: { counts: { deleted: 2 }, failed: [] } };
const nothingToDo = { done: true };
const failed = { done: true, report: { counts: {}, failed: [{ code: 'stopped', message: 'too many' }] } };
const error = (name = 'Error') => new StatesError(name);

/** Runs it: the function answers, or throws, in turn. */
async function run(...answers: (object | StatesError)[]) {
  const calls: { FunctionName: string; Payload: Record<string, unknown> }[] = [];
  const answer = ({ args }: { args: (typeof calls)[number] }) => {
    calls.push(args);
    const next = answers.shift();
    if (next instanceof StatesError) throw next;
    return { Payload: next };
  };
  const { entered } = await runStates(definition, {}, answer, startedAt);
  expect(answers, 'answers that nobody asked for').toEqual([]);
  return { entered, calls, end: entered.at(-1) };
}

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-01-01T03:05:00.000Z'), toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a run', () => {
  it('calls the function until it is done', async () => {
    const { entered, calls } = await run(goesOn, goesOn, done);
    expect(entered).toEqual(['CleanUp', 'IsDone', 'CleanUp', 'IsDone', 'CleanUp', 'IsDone', 'Done']);
    expect(new Set(calls.map((call) => JSON.stringify(call)))).toEqual(
      new Set([
        JSON.stringify({
          FunctionName: cleanUpArn,
          Payload: { runId: 'the-run', startedAt, last: false },
        }),
      ]),
    );
  });

  it('is done when there was nothing to do', async () => {
    expect((await run(nothingToDo)).end).toBe('Done');
  });

  it('fails when anything failed', async () => {
    expect((await run(goesOn, failed)).end).toBe('Failed');
  });

  it.each([
    ['2026-01-02T02:00:00.000Z', false],
    ['2026-01-02T02:00:00.001Z', true],
  ])('that has lasted until %s makes its last call: %s', async (now, last) => {
    vi.setSystemTime(now);
    const { calls, end } = await run(done);
    expect(calls[0]?.Payload.last).toBe(last);
    expect(end).toBe('Done');
  });
});

describe('when the function cannot', () => {
  it('it is called again, minutes apart, and goes on', async () => {
    const { calls, end } = await run(error(), error('Sandbox.Timedout'), goesOn, error(), done);
    expect(calls).toHaveLength(5);
    expect(end).toBe('Done');
    const retries = [definition.States.CleanUp, definition.States.TellWhatWasDone].flatMap(
      ({ Retry }) => Retry,
    );
    for (const { IntervalSeconds, BackoffRate, MaxAttempts } of retries) {
      const pauses = Array.from(
        { length: MaxAttempts },
        (_, tried) => IntervalSeconds * BackoffRate ** tried,
      );
      expect(pauses).toEqual([60, 120, 240, 480]);
    }
  });

  it("it is called again after Lambda's own troubles too, whatever else there was", async () => {
    const busy = Array.from({ length: 4 }, () => error('Lambda.TooManyRequestsException'));
    const broken = Array.from({ length: 4 }, () => error());
    expect((await run(...busy, ...broken, done)).end).toBe('Done');
  });

  it('a last call tells what was done, and the run fails', async () => {
    const { entered, calls } = await run(goesOn, ...Array.from({ length: 5 }, () => error()), done);
    expect(entered.slice(-2)).toEqual(['TellWhatWasDone', 'Failed']);
    expect(calls.map(({ Payload }) => Payload.last)).toEqual([...Array(6).fill(false), true]);
    expect(new Set(calls.map(({ Payload }) => Payload.runId))).toEqual(new Set(['the-run']));
  });

  it('and the last call cannot either, the run fails with its error', async () => {
    await expect(run(...Array.from({ length: 10 }, () => error('Broken')))).rejects.toMatchObject({
      output: { Error: 'Broken' },
    });
  });
});

testDefinition(definition);

describe('in the stack', () => {
  const { one } = synthesize();

  it('runs the same definition, on the function of all names', () => {
    const machine = one('AWS::StepFunctions::StateMachine', 'ScheduleRun').Properties;
    const text = machine.DefinitionString['Fn::Join'][1]
      .map((part: unknown) => (typeof part === 'string' ? part : JSON.stringify(part).replaceAll('"', "'")))
      .join('');
    const { States } = JSON.parse(text);
    expect(Object.keys(States)).toEqual(Object.keys(definition.States));
    for (const { Arguments } of [States.CleanUp, States.TellWhatWasDone])
      expect(Arguments.FunctionName).toMatch(/^\{'Fn::GetAtt':\['ScheduleCleanUp\w+','Arn'\]\}$/);
    expect(machine).toMatchObject({ StateMachineType: 'STANDARD', TracingConfiguration: { Enabled: true } });
  });

  it('awaits an answer for longer than the function may run', () => {
    const { Timeout } = one('AWS::Lambda::Function', 'ScheduleCleanUp').Properties;
    expect(definition.States.CleanUp.TimeoutSeconds).toBeGreaterThan(Timeout + 60);
  });
});
