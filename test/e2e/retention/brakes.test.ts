import {
  CreateLaunchTemplateCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  ListSnapshotsInRecycleBinCommand,
} from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImageWanted } from '../../../local/control-types.ts';
import { callCleanUp, cleanUp, cleanUpMachine, fates, reportOf, timesTold } from '../support/clean-up.ts';
import { cardsAbout, ours, until } from '../support/flow.ts';
import { CAP, RETENTION } from '../support/retention.ts';
import { resourcesOf } from '../support/roles.ts';
import { type Session, startSession } from '../support/session.ts';

let session: Session;
let ec2: EC2Client;
let ssm: SSMClient;

beforeAll(async () => {
  session = await startSession({
    config: { retention: RETENTION },
  });
  ec2 = new EC2Client(session.aws.clientConfig);
  ssm = new SSMClient(session.aws.clientConfig);
});
afterAll(() => session?.stop());
beforeEach(() => session.aws.control.reset({ ec2: true }));

const add = (instanceName: string, ageDays: number, more: Partial<ImageWanted> = {}) =>
  session.aws.control.addImage({
    name: `${instanceName}-${ageDays}`,
    ageDays,
    tags: ours(instanceName),
    ...more,
  });

/** So many images of a name that are old enough to go, the oldest first, besides the newest two and others of today. */
async function scene(instanceName: string, count: number, young = 0): Promise<string[]> {
  const ages = [2, 1, ...Array.from({ length: young }, (_, index) => 0.9 - index / 100)];
  for (const ageDays of ages) await add(instanceName, ageDays);
  const doomed: string[] = [];
  for (let ageDays = 20 + count; doomed.length < count; ageDays -= 1)
    doomed.push((await add(instanceName, ageDays)).imageId);
  return doomed;
}

const left = async () => (await session.aws.control.images()).map(({ imageId }) => imageId);
const idsOf = (entries: readonly { imageId: string }[]) => entries.map(({ imageId }) => imageId);

describe('the cap', () => {
  it('takes the oldest that nobody uses, and leaves the rest to the next run', async () => {
    const images = await scene('capped', CAP + 6, 9);
    for (const imageId of images.slice(0, 3)) await session.aws.control.retention.addRecipe({ imageId });
    const run = await cleanUp(session);
    expect(idsOf(run.deleted)).toEqual(images.slice(3, 3 + CAP));
    const reasons = images.map((imageId) => fates(run).get(imageId)?.replace(/: .*/, ''));
    expect(new Set(reasons.slice(0, 3))).toEqual(new Set(['in use']));
    expect(reasons.slice(3 + CAP)).toEqual(['cap', 'cap', 'cap']);
    expect(idsOf((await cleanUp(session)).deleted)).toEqual(images.slice(3 + CAP));
  });
});

describe('stopAboveShare', () => {
  it('deletes nothing, says so in red, and fails the run', async () => {
    await scene('most', 20);
    const { failed, body } = await callCleanUp(session);
    expect(failed).toBeDefined();
    expect(body).toContain('stopped: 20 of 22 images would be disabled or deleted');
    expect(await left()).toHaveLength(22);
    const card = await until('the card', () => cardsAbout(session, 'stopped')[0]);
    expect(card.body).toContain('#dc3545');
    const run = await cleanUp(session);
    expect(run.failed).toMatchObject([{ code: 'stopped' }]);
    expect(new Set(run.kept.map(({ reason }) => reason))).toEqual(new Set(['stopped']));
  });
});

describe('the switch', () => {
  const Name = '/amity/deletion';
  const turn = (Value: 'on' | 'off') =>
    ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));

  it('off, or gone, keeps everything', async () => {
    const [imageId = ''] = await scene('switched', 1);
    await turn('off');
    expect(fates(await cleanUp(session)).get(imageId)).toBe('/amity/deletion is off');
    await ssm.send(new DeleteParameterCommand({ Name }));
    expect(fates(await cleanUp(session)).get(imageId)).toBe('/amity/deletion is unreadable');
    expect(await left()).toContain(imageId);
    await turn('on');
    expect(fates(await cleanUp(session)).get(imageId)).toBe('deleted');
  });

  it('stops a run that is at work', async () => {
    const images = await scene('stopped', 15);
    const { control } = session.aws;
    await control.addFault({ action: 'DeregisterImage', kind: 'delay', seconds: 6, times: 1 });
    const running = cleanUp(session);
    await until('a deletion', async () => (await control.calls({ action: 'DeregisterImage' }))[0]);
    await turn('off');
    const run = await running;
    await turn('on');
    expect(idsOf(run.deleted)).toEqual(images.slice(0, 10));
    const reasons = images.slice(10).map((imageId) => fates(run).get(imageId));
    expect(new Set(reasons)).toEqual(new Set(['/amity/deletion is off']));
  });
});

it('what was left behind goes: lone snapshots, failed images, an image that came after its deadline', async () => {
  const { control } = session.aws;
  const { retention } = control;
  const lone = async (ageDays: number, more: object = {}) =>
    (
      await retention.addSnapshot({
        ageDays,
        tags: ours('left'),
        description: 'Created by CreateImage(i-0123456789abcdef0) for ami-0123456789abcdef0',
        ...more,
      })
    ).snapshotId;
  const orphan = await lone(40);
  const used = await lone(40);
  const kept = await lone(40, { tags: ours('left', { 'amity:keep': 'true' }) });
  const stays = [
    await lone(13),
    await lone(40, { description: 'by hand' }),
    await lone(40, { tags: { Name: 'by hand' } }),
  ];
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'disk',
      LaunchTemplateData: { BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { SnapshotId: used } }] },
    }),
  );
  const foreign = await add('foreign', 90, { tags: { Name: 'by hand' }, snapshotTags: ours('left') });
  const failed = await add('left', 30, { state: 'failed' });
  const failing = await add('left', 3, { state: 'failed' });
  // Two that are available, and one that became so when its waiter had given it up.
  const newest = [await add('late', 60), await add('late', 50)];
  const late = await add('late', 40, { state: 'pending' });
  const { WaiterCheckImage: FunctionName } = await resourcesOf(session, 'AWS::Lambda::Function');
  const question = { imageId: late.imageId, startedAt: new Date(Date.now() - 86_400_000).toISOString() };
  const { Payload } = await new LambdaClient(session.aws.clientConfig).send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(question) }),
  );
  expect(JSON.parse(Payload?.transformToString() ?? '')).toMatchObject({
    verdict: 'failed',
    code: 'timeout',
  });
  await control.changeImage(late.imageId, { state: 'available' });

  const run = await cleanUp(session);
  expect(run.deleted).toMatchObject([
    { imageId: late.imageId, ageDays: 40 },
    { imageId: 'ami-0123456789abcdef0', snapshotIds: [orphan], ageDays: 40 },
    { imageId: failed.imageId, snapshotIds: failed.snapshotIds },
  ]);
  const reasons = new Map(run.kept.map(({ snapshotId, reason }) => [snapshotId, reason]));
  expect(reasons.get(used)).toMatch(/^in use: launch-template\//);
  expect(reasons.get(kept)).toBe('tag amity:keep');
  expect(await left()).toEqual(expect.arrayContaining(idsOf([...newest, failing, foreign])));
  const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  const there = Snapshots.map(({ SnapshotId = '' }) => SnapshotId);
  expect(there).toEqual(expect.arrayContaining([used, kept, ...stays, ...foreign.snapshotIds]));
  const binned = await ec2.send(new ListSnapshotsInRecycleBinCommand({ SnapshotIds: [orphan] }));
  expect(binned.Snapshots).toHaveLength(1);
});

describe('a run of the state machine', () => {
  let sfn: SFNClient;
  let stateMachineArn: string;

  /** As deployed, but for the minutes between its tries. */
  beforeAll(async () => {
    sfn = new SFNClient(session.aws.clientConfig);
    stateMachineArn = await cleanUpMachine(session);
    const { definition = '' } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const hasty = definition.replace(/("IntervalSeconds":)60/g, '$11').replace(/("BackoffRate":)2/g, '$11');
    expect(hasty).not.toBe(definition);
    await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: hasty }));
  });

  async function execution() {
    const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
    const status = await until(
      'the end of the run',
      async () => {
        const found = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        return found.status === 'RUNNING' ? undefined : found.status;
      },
      90,
    );
    const { events = [] } = await sfn.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
    );
    const entered = events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
    return { runId: executionArn.split(':').at(-1) ?? '', status, entered };
  }

  it('that dies after ten deletions, then has no more time, goes on and is told once, under one cap', async () => {
    const images = await scene('long', CAP + 5, 9);
    const { control } = session.aws;
    const lambda = new LambdaClient(session.aws.clientConfig);
    const FunctionName = session.outputs.CleanUpFunctionName;
    const last = (Timeout: number) =>
      lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout }));
    // The first write says what will be done, the second how it went.
    await control.addFault({
      service: 'dynamodb',
      action: 'BatchWriteItem',
      kind: 'error',
      code: 'ValidationException',
      after: 1,
      times: 1,
    });
    // A call keeps 90 s for its report: after the second ten this one has no more than that.
    await last(97);
    await control.addFault({ action: 'DeregisterImage', kind: 'delay', seconds: 8, after: 10, times: 1 });
    const { runId, status, entered } = await execution();
    await last(900);
    expect(status).toBe('SUCCEEDED');
    expect(entered.filter((name) => name === 'CleanUp').length).toBeGreaterThan(1);
    const run = await reportOf(session, runId);
    expect(run.trigger).toBe('schedule');
    expect(idsOf(run.deleted)).toEqual(images.slice(0, CAP));
    expect(run.deleted.every(({ snapshotIds }) => snapshotIds.length === 1)).toBe(true);
    expect(images.slice(CAP).map((imageId) => fates(run).get(imageId))).toEqual(Array(5).fill('cap'));
    expect(timesTold(session, runId)).toBe(1);
    // Each of them was deleted by one call, which found it there.
    const calls = await control.calls({ action: 'DeregisterImage' });
    expect(calls.map(({ errorCode }) => errorCode)).toEqual(Array(CAP).fill(null));
  });

  it('that cannot read its images ends, fails, and says so', async () => {
    const [imageId = ''] = await scene('unread', 1);
    await session.aws.control.addFault({
      action: 'DescribeImages',
      kind: 'error',
      code: 'UnauthorizedOperation',
      status: 403,
    });
    const { runId, status, entered } = await execution();
    expect(status).toBe('FAILED');
    expect(entered.slice(-2)).toEqual(['TellWhatWasDone', 'Failed']);
    expect((await reportOf(session, runId)).failed).toMatchObject([{ code: 'UnauthorizedOperation' }]);
    expect(await left()).toContain(imageId);
  });
});
