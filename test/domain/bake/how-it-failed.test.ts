import { describe, expect, it } from 'vitest';
import { type Fall, type FallenBake, howItFailed } from '../../../shared/domain/bake/how-it-failed.ts';
import { BAKE_STAGES } from '../../../shared/domain/bake/stages.ts';
import { FAILURE_CODES } from '../../../shared/domain/failures.ts';
import { AmiFailed } from '../../../shared/events/ami-failed.ts';
import { fc } from '../../support/property.ts';

const failure = (fall: Partial<Fall>, more: Partial<FallenBake> = {}) =>
  howItFailed({
    fall: { stage: 'provision', error: 'ScriptFailed', cause: 'exit 1\nNo such package\n', ...fall },
    timeoutMinutes: 10,
    ...more,
  });

/** What Step Functions says of a function that threw. */
const thrown = (errorType: string, errorMessage: string) => ({
  error: errorType,
  cause: JSON.stringify({
    errorType,
    errorMessage,
    trace: [`${errorType}: ${errorMessage}`, '    at run (x.mjs:1:2)'],
  }),
});

describe('a script that ended badly', () => {
  it('has its exit code and its last lines told', () => {
    expect(failure({})).toEqual({
      code: 'script-failed',
      message: 'The user data ended with exit code 1.',
      stage: 'provision',
      output: 'No such package\n',
    });
  });

  it('of a validation is a failed validation', () => {
    expect(failure({ stage: 'validate', cause: 'exit 22\nHTTP 500\n' })).toEqual({
      code: 'validation-failed',
      message: 'The validation ended with exit code 22.',
      stage: 'validate',
      output: 'HTTP 500\n',
    });
  });

  it('keeps its own output before the console’s', () => {
    expect(failure({}, { console: 'cloud-init booted' }).output).toBe('No such package\n');
  });

  it('keeps every line of it, an "exit 7" among them too', () => {
    const cause = 'exit 1\nexit 7\n\n  indented\n';
    expect(failure({ cause })).toMatchObject({
      message: 'The user data ended with exit code 1.',
      output: 'exit 7\n\n  indented\n',
    });
  });

  it('is told with the end of a long output', () => {
    const { output = '' } = failure({ cause: `exit 1\n${'a'.repeat(4000)}the end` });
    expect(output).toHaveLength(3000);
    expect(output.endsWith('athe end')).toBe(true);
  });
});

describe('a script that signalled its failure itself', () => {
  it.each<[string, Partial<Fall>, string, string]>([
    [
      'with words',
      { error: 'NoLicence', cause: 'Ask procurement.' },
      'script-failed',
      'The user data signalled its failure: NoLicence: Ask procurement.',
    ],
    [
      'with a name alone',
      { error: 'NoLicence', cause: '' },
      'script-failed',
      'The user data signalled its failure: NoLicence',
    ],
    [
      'with words alone',
      { error: '', cause: 'Ask procurement.' },
      'script-failed',
      'The user data signalled its failure: Ask procurement.',
    ],
    [
      'of a validation',
      { stage: 'validate', error: 'Http500', cause: '/health' },
      'validation-failed',
      'The validation signalled its failure: Http500: /health',
    ],
    [
      'with a name that only begins as one of the workflow’s',
      { error: 'StatesOfMatter', cause: 'gas' },
      'script-failed',
      'The user data signalled its failure: StatesOfMatter: gas',
    ],
  ])('%s', (_, fall, code, message) => {
    expect(failure(fall)).toMatchObject({ code, message });
  });

  it('has the end of the console beside it', () => {
    expect(failure({ error: 'NoLicence', cause: 'x' }, { console: 'the console' }).output).toBe(
      'the console',
    );
  });
});

describe('a builder that did not signal', () => {
  it('is told with the end of its console', () => {
    const { output = '', ...told } = failure(
      { error: 'States.Timeout', cause: '' },
      { timeoutMinutes: 25, console: `${'x'.repeat(5000)}Kernel panic` },
    );
    expect(told).toEqual({
      code: 'builder-timeout',
      message: 'The user data did not signal its end within 25 minutes.',
      stage: 'provision',
    });
    expect(output).toHaveLength(3000);
    expect(output.endsWith('xKernel panic')).toBe(true);
  });

  it.each([undefined, '', ' \n'])('has no output where the console shows nothing: %j', (console) => {
    expect(failure({ stage: 'validate', error: 'States.Timeout', cause: '' }, { console })).toEqual({
      code: 'builder-timeout',
      message: 'The validation did not signal its end within 10 minutes.',
      stage: 'validate',
    });
  });
});

it.each(FAILURE_CODES.map((code) => [code]))('a step of ours says itself that it is %s', (code) => {
  expect(
    failure({ stage: 'create-image', error: code, cause: 'EC2 said why.' }, { console: 'its console' }),
  ).toEqual({
    code,
    message: 'EC2 said why.',
    stage: 'create-image',
    output: 'its console',
  });
});

describe('a workflow that broke', () => {
  it.each<[string, Partial<Fall>, string]>([
    [
      'Lambda’s JSON: its message alone',
      thrown('BuilderError', 'The builder could not be started: Error: no'),
      'BuilderError: The builder could not be started: Error: no',
    ],
    [
      'a function that ran out of time',
      thrown('Sandbox.Timedout', 'RequestId: 1 Error: Task timed out after 120.00 seconds'),
      'Sandbox.Timedout: RequestId: 1 Error: Task timed out after 120.00 seconds',
    ],
    [
      'a function that died',
      thrown('Runtime.ExitError', 'RequestId: 1 Error: Runtime exited'),
      'Runtime.ExitError: RequestId: 1 Error: Runtime exited',
    ],
    [
      'Lambda itself',
      { error: 'Lambda.ServiceException', cause: 'Service Unavailable' },
      'Lambda.ServiceException: Service Unavailable',
    ],
    [
      'Step Functions',
      { error: 'States.DataLimitExceeded', cause: 'too much' },
      'States.DataLimitExceeded: too much',
    ],
    [
      'JSON without a message',
      { error: 'States.TaskFailed', cause: '{"a":1}' },
      'States.TaskFailed: {"a":1}',
    ],
    ['JSON that is no object', { error: 'States.TaskFailed', cause: 'null' }, 'States.TaskFailed: null'],
    ['no words at all', { error: 'Lambda.Unknown', cause: '' }, 'Lambda.Unknown: '],
  ])('%s', (_, fall, message) => {
    expect(failure(fall)).toMatchObject({ code: 'bake-error', message, stage: 'provision' });
  });
});

it('whatever fell, what is told is what AmiFailed can carry', () => {
  const falls = fc.record({
    stage: fc.constantFrom(...BAKE_STAGES),
    error: fc.oneof(
      fc.string(),
      fc.constantFrom('ScriptFailed', 'States.Timeout', 'Lambda.Unknown', ...FAILURE_CODES),
    ),
    cause: fc.oneof(
      fc.string(),
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc.constant('exit 3\nout'),
    ),
  });
  const console = fc.option(fc.string({ maxLength: 9000 }), { nil: undefined });
  fc.assert(
    fc.property(falls, console, (fall, shown) => {
      const told = howItFailed({ fall, timeoutMinutes: 10, console: shown });
      expect(() => AmiFailed.encode({ requestId: 'one', attempt: 1, ...told })).not.toThrow();
      expect(told.stage).toBe(fall.stage);
      expect(told.output?.length ?? 0).toBeLessThanOrEqual(3000);
      expect(told.output?.trim()).not.toBe('');
    }),
  );
});
