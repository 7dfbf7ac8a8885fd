import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  DescribeArchiveCommand,
  DescribeEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isAlive, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
const run = promisify(execFile);
const cdk = join(import.meta.dirname, '../../node_modules/aws-cdk/bin/cdk');
let folder: string;
let outputs: Record<string, string>;
let events: EventBridgeClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amity-deploy-'));
  events = new EventBridgeClient(suite.aws.clientConfig);
  const app = [
    '--app',
    `${process.execPath} ${join(import.meta.dirname, 'deploy-app.ts')}`,
    '--output',
    join(folder, 'out'),
  ];
  const deploy = async (...args: string[]) =>
    run(process.execPath, [cdk, ...args], { env: suite.aws.childEnv, cwd: folder });
  await deploy(
    'deploy',
    ...app,
    '--require-approval',
    'never',
    '--outputs-file',
    join(folder, 'outputs.json'),
  );
  outputs = JSON.parse(await readFile(join(folder, 'outputs.json'), 'utf8')).Mends;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const put = (detail: object) =>
  events.send(
    new PutEventsCommand({
      Entries: [{ Source: 'me', DetailType: 'x', EventBusName: 'mends', Detail: JSON.stringify(detail) }],
    }),
  );

const linesOf = async (file: string) => (await readFile(file, 'utf8')).trim().split('\n');

describe('a deployed stack', () => {
  it('has its archive and its bus policy', async () => {
    const ArchiveName = String(outputs.Archive).split('/')[1];
    const archive = await events.send(new DescribeArchiveCommand({ ArchiveName }));
    expect(archive).toMatchObject({
      RetentionDays: 90,
      State: 'ENABLED',
      EventPattern: expect.stringContaining('me'),
    });
    const { Policy } = await events.send(new DescribeEventBusCommand({ Name: 'mends' }));
    expect(JSON.parse(String(Policy)).Statement).toMatchObject([
      { Sid: 'others', Action: 'events:PutEvents' },
    ]);
  });

  it("lets Step Functions catch a function's own error by its name", async () => {
    const sfn = new SFNClient(suite.aws.clientConfig);
    const { executionArn } = await sfn.send(
      new StartExecutionCommand({ stateMachineArn: outputs.MachineArn, input: '{}' }),
    );
    await vi.waitFor(async () => {
      const { status, output } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: '{"caught": true}' });
    }, 15_000);
  });

  it('calls a function that fails three times, in this Node, then tells its failure destination', async () => {
    const file = join(folder, 'thrice');
    await put({ file });
    const sqs = new SQSClient(suite.aws.clientConfig);
    const Messages = await vi.waitFor(async () => {
      const input = { QueueUrl: outputs.FailureQueue, WaitTimeSeconds: 1 };
      const answer = await sqs.send(new ReceiveMessageCommand(input));
      expect(answer.Messages).toHaveLength(1);
      return answer.Messages;
    }, 20_000);
    const called = (await linesOf(file)).filter((line) => line !== 'end');
    expect(called).toHaveLength(3);
    expect(called[0]).toContain(process.version);
    expect(JSON.parse(String(Messages?.[0]?.Body))).toMatchObject({ requestPayload: { detail: { file } } });
  });

  it('runs eight functions at once at most', async () => {
    const file = join(folder, 'burst');
    await Promise.all(Array.from({ length: 20 }, () => put({ file, sleep: 300, fine: true })));
    await vi.waitFor(async () => {
      expect((await linesOf(file)).filter((line) => line === 'end')).toHaveLength(20);
    }, 40_000);
    let running = 0;
    let most = 0;
    for (const line of await linesOf(file)) {
      running += line === 'end' ? -1 : 1;
      most = Math.max(most, running);
    }
    expect(most).toBeLessThanOrEqual(8);
  });

  it('leaves no worker behind when it stops', async () => {
    const file = join(folder, 'workers');
    await put({ file, fine: true });
    await vi.waitFor(async () => expect(await linesOf(file)).toContain('end'), 10_000);
    const pids = [join(folder, 'burst'), file].map(async (each) =>
      (await linesOf(each)).map((line) => Number(line.split(' ')[0])),
    );
    const workers = (await Promise.all(pids)).flat().filter((pid) => pid > 0);
    await suite.aws.stop();
    expect(workers.length).toBeGreaterThan(0);
    expect(workers.filter(isAlive)).toEqual([]);
  });
});
