import {
  InvalidToken,
  SendTaskSuccessCommand,
  SFNClient,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../handlers/auto-scaling-refresh-change/wake-rollout.ts';
import { Calls } from '../../support/calls.ts';
import { example, sqsRecord } from '../../support/events.ts';
import { FakeQueue } from '../../support/fake-queue.ts';
import { FakeTable } from '../../support/fake-table.ts';
import { deliver } from '../../support/world.ts';

const sfn = mockClient(SFNClient);
const refreshId = 'ab00cf8f-9126-4f3c-8010-dbb8cad6fb86';
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

const changed = (receives = 1) =>
  sqsRecord(example('aws/auto-scaling-refresh-change'), { messageId: 'one', receives });
const sent = () => sfn.commandCalls(SendTaskSuccessCommand).map(({ args }) => args[0].input);
const waits = () =>
  table.items.set(`waiting/${refreshId}`, { id: refreshId, taskToken: 'token', expiresAt: 1 });

it('sends the token that is kept under the refresh’s id', async () => {
  waits();
  expect(await deliver(handler, [changed()])).toEqual([]);
  expect(sent()).toEqual([{ taskToken: 'token', output: '{}' }]);
});

describe('where nobody waits', () => {
  it('is tried once more, in a few seconds', async () => {
    expect(await deliver(handler, [changed()])).toEqual(['one']);
    expect(queue.hidden).toEqual([{ handle: 'handle-of-one', seconds: 5 }]);
    waits();
    expect(await deliver(handler, [changed(2)])).toEqual([]);
    expect(sent()).toHaveLength(1);
  });

  it('is not tried for ever: others’ refreshes are nobody’s', async () => {
    expect(await deliver(handler, [changed(2)])).toEqual([]);
    expect(sent()).toEqual([]);
  });

  const over = { message: 'over', $metadata: {} };
  it.each([new TaskTimedOut(over), new TaskDoesNotExist(over), new InvalidToken(over)])(
    'any more (%s): the same',
    async (error) => {
      waits();
      sfn.on(SendTaskSuccessCommand).rejects(error);
      expect(await deliver(handler, [changed()])).toEqual(['one']);
      expect(await deliver(handler, [changed(2)])).toEqual([]);
    },
  );
});

it.each(['ThrottlingException', 'AccessDeniedException'])('%s: again later', async (name) => {
  waits();
  sfn.on(SendTaskSuccessCommand).rejects(Object.assign(new Error(name), { name }));
  expect(await deliver(handler, [changed(2)])).toEqual(['one']);
});

it('DynamoDB down: again later', async () => {
  calls.faults = () => ({ when: 'before', how: 'throws' });
  expect(await deliver(handler, [changed(2)])).toEqual(['one']);
});
