import {
  InvalidToken,
  SendTaskSuccessCommand,
  SFNClient,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../handlers/ec2-ami-state-change/wake-waiter.ts';
import { Calls } from '../../support/calls.ts';
import { example, sqsRecord } from '../../support/events.ts';
import { FakeQueue } from '../../support/fake-queue.ts';
import { FakeTable } from '../../support/fake-table.ts';
import { record } from '../../support/request-record.ts';
import { deliver } from '../../support/world.ts';

const sfn = mockClient(SFNClient);
const imageId = 'ami-0123456789abcdef0';
let calls: Calls;
let table: FakeTable;
let queue: FakeQueue;

beforeEach(() => {
  calls = new Calls();
  table = new FakeTable(calls);
  queue = new FakeQueue(calls);
  sfn.reset();
  sfn.on(SendTaskSuccessCommand).resolves({});
});

const changed = (receives = 1) => sqsRecord(example('ec2-ami-state-change'), { messageId: 'one', receives });
const sent = () => sfn.commandCalls(SendTaskSuccessCommand).map(({ args }) => args[0].input);
const waits = () => table.items.set(`waiting/${imageId}`, { id: imageId, taskToken: 'token', expiresAt: 1 });
const awaited = (state: 'created' | 'available' | 'failed' = 'created') => {
  const request = record({ state, announced: true, imageId });
  table.items.set(`requests/${request.key}`, { ...request });
  table.items.set(`requests/image#${imageId}`, { key: `image#${imageId}`, requestKey: request.key });
};

it('sends the token that is kept under the image’s id', async () => {
  waits();
  expect(await deliver(handler, [changed()])).toEqual([]);
  expect(sent()).toEqual([{ taskToken: 'token', output: '{}' }]);
});

it('an image of somebody else wakes nobody, and does not come again', async () => {
  expect(await deliver(handler, [changed()])).toEqual([]);
  expect(sent()).toEqual([]);
});

const over = { message: 'over', $metadata: {} };
const nobodyWaits = [new TaskTimedOut(over), new TaskDoesNotExist(over), new InvalidToken(over)];

it.each(nobodyWaits)('%s: no error when the image is settled', async (error) => {
  waits();
  awaited('available');
  sfn.on(SendTaskSuccessCommand).rejects(error);
  expect(await deliver(handler, [changed()])).toEqual([]);
});

describe('a wake that comes before its waiter waits', () => {
  beforeEach(() => awaited());

  it('is tried again in a few seconds', async () => {
    expect(await deliver(handler, [changed()])).toEqual(['one']);
    expect(queue.hidden).toEqual([{ handle: 'handle-of-one', seconds: 5 }]);
    waits();
    expect(await deliver(handler, [changed(2)])).toEqual([]);
    expect(sent()).toHaveLength(1);
  });

  it('is tried again where only an old token is kept', async () => {
    waits();
    sfn.on(SendTaskSuccessCommand).rejects(new TaskTimedOut(over));
    expect(await deliver(handler, [changed()])).toEqual(['one']);
  });

  it('is left to the poll after a while', async () => {
    expect(await deliver(handler, [changed(6)])).toEqual([]);
  });
});

it.each(['ThrottlingException', 'AccessDeniedException'])('%s: again later', async (name) => {
  waits();
  sfn.on(SendTaskSuccessCommand).rejects(Object.assign(new Error(name), { name }));
  expect(await deliver(handler, [changed()])).toEqual(['one']);
});

it('DynamoDB down: again later', async () => {
  calls.faults = () => ({ when: 'before', how: 'throws' });
  expect(await deliver(handler, [changed()])).toEqual(['one']);
});
