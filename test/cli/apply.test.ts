import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { stopClock } from '../support/clock.ts';
import { file, run } from '../support/command.ts';
import { NOW } from '../support/events.ts';

const { question } = vi.hoisted(() => ({ question: vi.fn(async (_text: string) => '') }));
vi.mock('node:readline/promises', () => ({
  createInterface: () => ({ question, close: () => undefined }),
}));

stopClock();
const lambda = mockClient(LambdaClient);
const stacks = mockClient(CloudFormationClient);
beforeEach(() => {
  lambda.reset();
  stacks.reset();
  stacks.on(DescribeStacksCommand).resolves({
    Stacks: [
      {
        StackName: 'Amity',
        CreationTime: NOW,
        StackStatus: 'CREATE_COMPLETE',
        Outputs: [{ OutputKey: 'CleanUpFunctionName', OutputValue: 'clean-up' }],
      },
    ],
  });
});

const payload = (answer: unknown): Partial<InvokeCommandOutput> => {
  const text = JSON.stringify(answer);
  const bytes = Object.assign(new TextEncoder().encode(text), { transformToString: () => text });
  return { Payload: bytes as NonNullable<InvokeCommandOutput['Payload']> };
};
const done = (failed: object[] = []) =>
  payload({ done: true, report: { counts: { deleted: 2, kept: 0, failed: failed.length }, failed } });
const plan = (
  region = 'us-east-1',
  entries: object[] = [
    { action: 'delete', imageId: 'ami-1' },
    { action: 'keep', imageId: 'ami-2' },
    { action: 'delete-snapshot', imageId: 'ami-3', snapshotId: 'snap-3' },
  ],
) => file('plan.json', { version: 1, region, plannedAt: NOW.toISOString(), plans: [{ region, entries }] });
const sent = () =>
  lambda.commandCalls(InvokeCommand).map(({ args }) => JSON.parse(String(args[0].input.Payload)));

describe('npm run apply', () => {
  it('has the function do what the plan says, and nothing else', async () => {
    lambda.on(InvokeCommand).resolves(done());
    const { out, exitCode } = await run('apply', plan(), '--yes');
    expect(lambda.commandCalls(InvokeCommand)[0]?.args[0].input.FunctionName).toBe('clean-up');
    expect(sent()).toEqual([
      {
        runId: expect.stringMatching(/^apply-[0-9a-f-]{36}$/),
        startedAt: NOW.toISOString(),
        apply: { 'ami-1': 'delete', 'snap-3': 'delete-snapshot' },
      },
    ]);
    expect(out).toMatch(/^apply-\S+: deleted 2, kept 0, failed 0$/);
    expect(exitCode).toBeUndefined();
  });

  it.each([
    ['y', 1],
    [' Yes ', 1],
    ['', 0],
    ['n', 0],
    ['yesterday', 0],
  ])('asks at a terminal; "%s" calls %i times', async (answer, calls) => {
    const { isTTY } = process.stdin;
    process.stdin.isTTY = true;
    onTestFinished(() => {
      process.stdin.isTTY = isTTY;
    });
    question.mockResolvedValue(answer);
    lambda.on(InvokeCommand).resolves(done());
    const { out } = await run('apply', plan());
    expect(question).toHaveBeenLastCalledWith(
      `The plan of ${NOW.toISOString()} for us-east-1: delete 1, delete-snapshot 1. Do it? [y/N] `,
    );
    expect(sent()).toHaveLength(calls);
    if (calls === 0) expect(out).toBe('Nothing was changed.');
  });

  it('goes on under the same run id until it is done', async () => {
    lambda
      .on(InvokeCommand)
      .resolvesOnce(payload({ done: false }))
      .resolvesOnce(payload({ done: false }))
      .resolves(done());
    const { out } = await run('apply', plan(), '--yes');
    expect(new Set(sent().map(({ runId }) => runId)).size).toBe(1);
    expect(sent()).toHaveLength(3);
    expect(out).toMatch(/^Going on …\nGoing on …\napply-/);
  });

  it('names each failure, and ends as one', async () => {
    const failures = [
      { imageId: 'ami-1', code: 'OperationNotPermitted', message: 'protected' },
      { code: 'stopped', message: 'x' },
    ];
    lambda.on(InvokeCommand).resolves(done(failures));
    expect(await run('apply', plan(), '--yes')).toMatchObject({
      err: 'ami-1: OperationNotPermitted: protected\nrun: stopped: x',
      exitCode: 1,
    });
  });

  it('says so where nothing was left to do', async () => {
    lambda.on(InvokeCommand).resolves(payload({ done: true }));
    expect((await run('apply', plan(), '--yes')).out).toContain('nothing was left to do');
  });

  it('does nothing for a plan that changes nothing', async () => {
    const { out } = await run('apply', plan('us-east-1', [{ action: 'keep', imageId: 'ami-1' }]), '--yes');
    expect(out).toBe('The plan changes nothing.');
    expect(sent()).toEqual([]);
  });

  it.each<[string, () => string[], string]>([
    ['no file', () => [], 'Name the file'],
    ['no plan', () => [file('plan.json', {}), '--yes'], 'is no saved plan: /version'],
    ['nobody to ask', () => [plan()], 'Not asked, because this is no terminal: add --yes'],
    [
      'another region’s plan',
      () => [plan('eu-west-1'), '--yes'],
      'made for eu-west-1, and this is us-east-1',
    ],
  ])('%s: not applied, and why', async (_, args, why) => {
    const { err, exitCode } = await run('apply', ...args());
    expect(err).toMatch(/^Nothing was changed\. /);
    expect(err).toContain(why);
    expect(exitCode).toBe(1);
    expect(sent()).toEqual([]);
  });

  it('a stack without the function', async () => {
    stacks.on(DescribeStacksCommand).resolves({ Stacks: [] });
    expect((await run('apply', plan(), '--yes', '--stack', 'Other')).err).toContain(
      'The stack Other has no output CleanUpFunctionName',
    );
  });

  it('a function that fails', async () => {
    lambda
      .on(InvokeCommand)
      .resolves({ ...payload({ errorMessage: 'socket hang up' }), FunctionError: 'Unhandled' });
    expect(await run('apply', plan(), '--yes')).toMatchObject({
      err: expect.stringContaining('The function failed: {"errorMessage":"socket hang up"}'),
      exitCode: 1,
    });
  });
});
