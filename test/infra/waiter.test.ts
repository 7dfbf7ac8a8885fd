import { describe, expect, it } from 'vitest';
import { waiterDefinition } from '../../infra/constructs/waiter-states.ts';
import { AmiAvailable } from '../../shared/events/ami-available.ts';
import { AmiCreated } from '../../shared/events/ami-created.ts';
import { AmiFailed } from '../../shared/events/ami-failed.ts';
import { testDefinition } from './support/definition-tests.ts';
import { runStates, StatesError, type Task } from './support/run-states.ts';

const definition = waiterDefinition({
  partition: 'aws',
  checkImageArn: 'arn:aws:lambda:us-east-1:000000000000:function:check-image',
  validationArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:bake',
  concludeValidationArn: 'arn:aws:lambda:us-east-1:000000000000:function:conclude-validation',
  requestsTable: 'requests',
  waitingTable: 'waiting',
  busName: 'amity',
  pollSeconds: 300,
});

const created = AmiCreated.schema.parse({
  requestId: 'build-17',
  attempt: 2,
  instanceName: 'service-api',
  imageId: 'ami-0123456789abcdef0',
  imageName: 'service-api-Deploy-2025-06-05_12_00',
  region: 'us-east-1',
  instanceId: 'i-0123456789abcdef0',
  reason: 'Deploy "blue" \\ green',
  noReboot: true,
});
const input = { ...created, requestKey: 'request#000000000000#amity#build-17' };
const pending = { verdict: 'pending' };
const available = {
  verdict: 'available',
  createdAt: '2025-06-05T12:03:00.000Z',
  snapshotIds: ['snap-1', 'snap-2'],
};
const failed = {
  verdict: 'failed',
  code: 'image-failed',
  message: 'EC2 reports "it" as failed: Client.InternalError',
};

/** Runs the waiter: check-image gives the verdicts in turn, other states what `on` says, once for each entry. */
async function run(verdicts: unknown[], on: Record<string, unknown[]> = {}) {
  const tasks: Task[] = [];
  const answers: Record<string, unknown[]> = {
    ...on,
    CheckImage: verdicts.map((Payload) => (Payload instanceof Error ? Payload : { Payload })),
  };
  const { entered } = await runStates(definition, input, (task) => {
    tasks.push(task);
    const answer = answers[task.state]?.shift();
    if (answer instanceof Error) throw answer;
    return answer ?? {};
  });
  const argsOf = (state: string) => tasks.filter((task) => task.state === state).map(({ args }) => args);
  return { entered, argsOf };
}

const timeout = () => new StatesError('States.Timeout');
const conflict = () => new StatesError('DynamoDb.ConditionalCheckFailedException');
const throttled = () => new StatesError('DynamoDb.ThrottlingException');

describe('the way of an image', () => {
  it('is looked at, awaited, and looked at again after a wake or a time-out', async () => {
    const { entered, argsOf } = await run([pending, pending, available], { AwaitChange: [{}, timeout()] });
    expect(entered.filter((state) => !['WhatNow', 'IsToBeValidated'].includes(state))).toEqual([
      'CheckImage',
      'AwaitChange',
      'CheckImage',
      'AwaitChange',
      'CheckImage',
      'RecordAvailable',
      'AnnounceAvailable',
    ]);
    expect(argsOf('CheckImage')[0].Payload).toEqual({
      imageId: created.imageId,
      startedAt: '2026-01-01T00:00:00.000Z',
      validates: false,
    });
    expect(argsOf('AwaitChange')[0]).toMatchObject({
      TableName: 'waiting',
      Item: {
        id: { S: created.imageId },
        taskToken: { S: 'token-1' },
        expiresAt: { N: expect.stringMatching(/^\d+$/) },
      },
    });
  });

  it.each([
    ['several snapshots', ['snap-1', 'snap-2']],
    ['one snapshot', ['snap-1']],
    ['no snapshot', []],
  ])('announces an image with %s exactly as the event says', async (_, snapshotIds) => {
    const { argsOf } = await run([{ ...available, snapshotIds }]);
    const [entry] = argsOf('AnnounceAvailable')[0].Entries;
    expect(entry).toMatchObject({ EventBusName: 'amity', Source: 'amity', DetailType: 'AmiAvailable' });
    const detail = JSON.parse(entry.Detail);
    expect(detail).toEqual({ ...created, createdAt: available.createdAt, snapshotIds });
    expect(AmiAvailable.schema.parse(detail)).toEqual(detail);
  });

  it("announces a failure with EC2's own reason, exactly as the event says", async () => {
    const { entered, argsOf } = await run([failed]);
    expect(entered).toEqual(['CheckImage', 'WhatNow', 'RecordFailed', 'AnnounceFailed']);
    const detail = JSON.parse(argsOf('AnnounceFailed')[0].Entries[0].Detail);
    const { requestId, attempt, instanceName, imageId, imageName } = created;
    const { code, message } = failed;
    expect(detail).toEqual({ requestId, attempt, code, message, instanceName, imageId, imageName });
    expect(AmiFailed.schema.parse(detail)).toEqual(detail);
  });
});

describe('the record of a request', () => {
  it('becomes available for this attempt and image alone', async () => {
    const { argsOf } = await run([available]);
    expect(argsOf('RecordAvailable')[0]).toEqual({
      TableName: 'requests',
      Key: { key: { S: input.requestKey } },
      UpdateExpression: 'SET #state = :state, announced = :true, #version = #version + :one',
      ConditionExpression: 'imageId = :imageId AND attempt = :attempt AND #state IN (:created, :state)',
      ExpressionAttributeNames: { '#state': 'state', '#version': 'version' },
      ExpressionAttributeValues: {
        ':state': { S: 'available' },
        ':created': { S: 'created' },
        ':true': { BOOL: true },
        ':one': { N: '1' },
        ':imageId': { S: created.imageId },
        ':attempt': { N: '2' },
      },
    });
  });

  it('keeps why it failed', async () => {
    const { argsOf } = await run([failed]);
    const [{ UpdateExpression, ExpressionAttributeValues }] = argsOf('RecordFailed');
    expect(UpdateExpression).toContain('failure = :failure');
    expect(ExpressionAttributeValues[':state']).toEqual({ S: 'failed' });
    expect(ExpressionAttributeValues[':failure']).toEqual({
      M: { code: { S: failed.code }, message: { S: failed.message } },
    });
  });

  it.each([
    ['RecordAvailable', available],
    ['RecordFailed', failed],
  ])('that another one wrote (%s) is left alone, and nothing is announced', async (state, verdict) => {
    const { entered } = await run([verdict], { [state]: [conflict()] });
    expect(entered.slice(-2)).toEqual([state, 'AlreadyRecorded']);
  });
});

describe('when something is out of order', () => {
  it('waits when the token cannot be kept, and looks again', async () => {
    const { entered } = await run([pending, available], { AwaitChange: [throttled()] });
    expect(entered).toEqual(expect.arrayContaining(['AwaitChange', 'Pause', 'AnnounceAvailable']));
  });

  it.each(['RecordAvailable', 'AnnounceAvailable'])('tries %s again for hours', async (state) => {
    const { entered, argsOf } = await run([available], { [state]: Array.from({ length: 60 }, throttled) });
    expect(argsOf(state)).toHaveLength(61);
    expect(entered.at(-1)).toBe('AnnounceAvailable');
  });

  it('calls check-image again while Lambda is busy', async () => {
    const busy = () => new StatesError('Lambda.TooManyRequestsException');
    const { argsOf, entered } = await run([busy(), busy(), busy(), busy(), busy(), busy(), available]);
    expect(argsOf('CheckImage')).toHaveLength(7);
    expect(entered.at(-1)).toBe('AnnounceAvailable');
  });

  it.each([
    [
      'what a function threw',
      JSON.stringify({
        errorType: 'UnauthorizedOperation',
        errorMessage: 'You may not "look"',
        trace: ['at x'],
      }),
      'UnauthorizedOperation: You may not "look"',
    ],
    ['words', 'The function is gone', 'UnauthorizedOperation: The function is gone'],
    ['nothing', '', 'UnauthorizedOperation: '],
    ['far too much', 'x'.repeat(30_000), `UnauthorizedOperation: ${'x'.repeat(500)}`],
  ])('ends as waiter-error when the image can never be read: %s', async (_, cause, message) => {
    const denied = Array.from({ length: 5 }, () => new StatesError('UnauthorizedOperation', cause));
    const { argsOf } = await run(denied);
    const detail = JSON.parse(argsOf('AnnounceFailed')[0].Entries[0].Detail);
    expect(AmiFailed.schema.parse(detail)).toMatchObject({ code: 'waiter-error', message });
    expect(argsOf('RecordFailed')).toHaveLength(1);
  });
});

testDefinition(definition);
