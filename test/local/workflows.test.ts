import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Observer, observe } from '../../local/observer.ts';
import { allow, deploy, errorOf, role, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
let sfn: SFNClient;
let observer: Observer;
let folder: string;

/** Writes what it is given to a file, and throws what it is asked to. */
const code = `
const fs = require('node:fs');
exports.handler = async ({ file, throws, ...given }) => {
  if (file) fs.appendFileSync(file, JSON.stringify(given) + '\\n');
  if (throws) throw Object.assign(new Error('as asked'), { name: throws });
  return given;
};`;
const account = '000000000000';
const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:${account}:${resource}`;
const invoking = allow(['lambda:InvokeFunction'], arn('lambda', 'function:callee'));
const starting = [
  allow(['states:StartExecution'], arn('states', 'stateMachine:child')),
  allow(['states:DescribeExecution', 'states:StopExecution'], arn('states', 'execution:child:*')),
];
const managed = arn('events', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule');
const waiting = allow(['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], managed);

const services = ['states.amazonaws.com', 'lambda.amazonaws.com'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amity-workflows-'));
  sfn = new SFNClient({ ...suite.aws.clientConfig, maxAttempts: 1 });
  await deploy(suite, 'Workflows', {
    Child: role('child', services, invoking),
    Parent: role('parent', services, ...starting, waiting),
    Careless: role('careless', services, ...starting),
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'callee',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Child', 'Arn'] },
        Code: { ZipFile: code },
      },
    },
  });
  observer = await observe(suite.aws.clientConfig, [{ bus: 'default', pattern: { source: ['aws.states'] } }]);
  await machine('child', 'child', { Ask: ask({}) });
  await machine('parent', 'parent', { Start: start({}) });
  await machine('careless', 'careless', { Start: start({}) });
});
afterAll(async () => {
  await observer?.stop();
  await rm(folder, { recursive: true });
});
beforeEach(() => suite.aws.control.enforceIam(true));

/** Calls the function with the token that this attempt has; the input says what else. */
const ask = (more: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: {
    FunctionName: 'callee',
    Payload: "{% $merge([$states.input, {'token': $states.context.Task.Token}]) %}",
  },
  TimeoutSeconds: '{% $states.input.minutes * 60 %}',
  End: true,
  ...more,
});
const start = (more: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution.sync:2',
  Arguments: {
    StateMachineArn: arn('states', 'stateMachine:child'),
    Name: '{% $states.input.name %}',
    Input: '{% $states.input %}',
  },
  End: true,
  ...more,
});

async function machine(name: string, roleName: string, States: Record<string, object>, more: object = {}) {
  const definition = { QueryLanguage: 'JSONata', StartAt: Object.keys(States)[0], States, ...more };
  const roleArn = `arn:aws:iam::${account}:role/${roleName}`;
  await sfn.send(new CreateStateMachineCommand({ name, roleArn, definition: JSON.stringify(definition) }));
}

async function run(name: string, given: object): Promise<string> {
  const stateMachineArn = arn('states', `stateMachine:${name}`);
  const input = JSON.stringify(given);
  return String((await sfn.send(new StartExecutionCommand({ stateMachineArn, input }))).executionArn);
}

const describeIt = (executionArn: string) => sfn.send(new DescribeExecutionCommand({ executionArn }));
const ended = (executionArn: string) =>
  vi.waitFor(
    async () => {
      const found = await describeIt(executionArn);
      expect(found.status).not.toBe('RUNNING');
      return found;
    },
    { timeout: 20_000, interval: 100 },
  );

/** The tokens of the function's calls, oldest first. */
const tokens = (file: string, count = 1) =>
  vi.waitFor(
    async () => {
      const found = (await readFile(file, 'utf8')).trim().split('\n');
      expect(found).toHaveLength(count);
      return found.map((line) => JSON.parse(line).token as string);
    },
    { timeout: 20_000, interval: 100 },
  );

const succeed = (taskToken = '') => sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"made":1}' }));
const fail = (taskToken = '') =>
  sfn.send(new SendTaskFailureCommand({ taskToken, error: 'Broken', cause: 'no good' }));
const fileOf = (name: string) => join(folder, name);
const announced = (executionArn: string) =>
  observer.events
    .map(({ detail }) => detail as { executionArn?: string; status?: string })
    .flatMap((detail) => (detail.executionArn === executionArn ? [detail.status] : []));

describe('a task that waits for its token', () => {
  it('has its time-out from an expression', async () => {
    const quick = await run('child', { minutes: 1 / 60, file: fileOf('quick') });
    expect(await ended(quick)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    const patient = await run('child', { minutes: 1, file: fileOf('patient') });
    const [token] = await tokens(fileOf('patient'));
    await succeed(token);
    expect(JSON.parse((await ended(patient)).output ?? '')).toEqual({ made: 1 });
    const wrong = await ended(await run('child', { minutes: 0.001 }));
    expect(wrong).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });

  it("fails at once with its function's error, which a Catch sees", async () => {
    const Catch = [
      {
        ErrorEquals: ['Asked'],
        Output: '{% $parse($states.errorOutput.Cause).errorMessage %}',
        Next: 'Caught',
      },
    ];
    await machine('catching', 'child', { Ask: ask({ Catch }), Caught: { Type: 'Succeed' } });
    const { output } = await ended(await run('catching', { minutes: 60, throws: 'Asked' }));
    expect(output).toBe('"as asked"');
    const { status, error } = await ended(await run('child', { minutes: 60, throws: 'Asked' }));
    expect([status, error]).toEqual(['FAILED', 'Asked']);
  });

  it('has a new token at each attempt', async () => {
    const Retry = [{ ErrorEquals: ['Broken'], IntervalSeconds: 1, MaxAttempts: 1 }];
    await machine('retrying', 'child', { Ask: ask({ Retry }) });
    const file = fileOf('retrying');
    const executionArn = await run('retrying', { minutes: 1, file });
    await fail((await tokens(file))[0]);
    const [first, second] = await tokens(file, 2);
    expect((await errorOf(succeed(first))).name).toBe('TaskTimedOut');
    await succeed(second);
    expect((await ended(executionArn)).status).toBe('SUCCEEDED');
  });
});

describe('a machine that waits for another', () => {
  it('starts it under its name and its own role, and has its output', async () => {
    const file = fileOf('parent');
    const executionArn = await run('parent', { name: 'one', minutes: 1, file });
    await succeed((await tokens(file))[0]);
    const output = JSON.parse((await ended(executionArn)).output ?? '');
    const child = arn('states', 'execution:child:one');
    expect(output).toMatchObject({ ExecutionArn: child, Name: 'one', Status: 'SUCCEEDED' });
    expect(output).toMatchObject({ Input: { name: 'one' }, Output: { made: 1 } });
    for (const each of [executionArn, child])
      await vi.waitFor(() => expect(announced(each)).toEqual(['RUNNING', 'SUCCEEDED']), { timeout: 20_000 });
    const again = await ended(await run('parent', { name: 'one', minutes: 1 }));
    expect(again.error).toBe('StepFunctions.ExecutionAlreadyExistsException');
  });

  it('fails with what the other ended with', async () => {
    const file = fileOf('failing');
    const executionArn = await run('parent', { name: 'two', minutes: 1, file });
    await fail((await tokens(file))[0]);
    const { status, error, cause } = await ended(executionArn);
    expect([status, error]).toEqual(['FAILED', 'States.TaskFailed']);
    expect(JSON.parse(cause ?? '')).toMatchObject({ Status: 'FAILED', Error: 'Broken', Cause: 'no good' });
  });

  it('may not without the permissions that waiting asks for', async () => {
    const { error, cause } = await ended(await run('careless', { name: 'three', minutes: 1 }));
    expect(error).toBe('States.Permissions');
    expect(cause).toContain('events:PutTargets');
  });

  it('stops it when its own time for it is over', async () => {
    await machine('hasty', 'parent', { Start: start({ TimeoutSeconds: '{% 1 %}' }) });
    const { error } = await ended(await run('hasty', { name: 'four', minutes: 1 }));
    expect(error).toBe('States.Timeout');
    expect((await ended(arn('states', 'execution:child:four'))).status).toBe('ABORTED');
  });
});

describe('an execution', () => {
  it('that is stopped calls nothing more, and its child is stopped too', async () => {
    const file = fileOf('stopped');
    const executionArn = await run('parent', { name: 'five', minutes: 1, file });
    const [token] = await tokens(file);
    await sfn.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'a test' }));
    const child = arn('states', 'execution:child:five');
    expect(await ended(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Enough' });
    expect((await ended(child)).status).toBe('ABORTED');
    expect((await errorOf(succeed(token))).name).toBe('TaskTimedOut');
    for (const each of [executionArn, child])
      await vi.waitFor(() => expect(announced(each)).toEqual(['RUNNING', 'ABORTED']), { timeout: 20_000 });
  });

  it.each([
    ['that is stopped', {}, 'ABORTED'],
    ['whose time is over', { TimeoutSeconds: 4 }, 'TIMED_OUT'],
  ])('%s between two attempts or within a Map makes no other call', async (_, more, status) => {
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 99 }];
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'After' }];
    const Items = '{% [$states.input, $states.input] %}';
    const ItemProcessor = { StartAt: 'Ask', States: { Ask: ask({ Retry }) } };
    const name = `mapping-${status}`;
    const Each = { Type: 'Map', Items, ItemProcessor, Catch, End: true };
    await machine(name, 'child', { Each, After: ask({}) }, more);
    const file = fileOf(name);
    const executionArn = await run(name, { minutes: 1, file, throws: 'Asked' });
    const calls = async () => (await readFile(file, 'utf8')).split('\n').length;
    await vi.waitFor(calls, { timeout: 20_000 });
    if (status === 'ABORTED') await sfn.send(new StopExecutionCommand({ executionArn }));
    expect((await ended(executionArn)).status).toBe(status);
    // What was called before the end may still be writing.
    await sleep(1500);
    const before = await calls();
    await sleep(2500);
    expect(await calls()).toBe(before);
    await vi.waitFor(() => expect(announced(executionArn)).toEqual(['RUNNING', status]), { timeout: 20_000 });
    expect((await describeIt(executionArn)).status).toBe(status);
  });
});
