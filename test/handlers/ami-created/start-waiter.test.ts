import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../handlers/ami-created/start-waiter.ts';
import { spec } from '../../support/bake-record.ts';
import { Calls } from '../../support/calls.ts';
import { example, sqsRecord } from '../../support/events.ts';
import { FakeQueue } from '../../support/fake-queue.ts';
import { FakeTable, type Item } from '../../support/fake-table.ts';
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
  sfn.on(StartExecutionCommand).resolves({});
});

const created = () => sqsRecord(example('ami-created'), { messageId: 'one' });
const starts = () => sfn.commandCalls(StartExecutionCommand).map(({ args }) => args[0].input);
const known = (overrides: Item = {}) => {
  const request = { ...record({ state: 'created', announced: true, imageId }), ...overrides };
  table.items.set(`requests/${request.key}`, request);
  table.items.set(`requests/image#${imageId}`, { key: `image#${imageId}`, requestKey: request.key });
};

describe('an image that its request waits for', () => {
  beforeEach(() => known());

  it('has a waiter started, named after image and attempt, with all that it announces', async () => {
    expect(await deliver(handler, [created()])).toEqual([]);
    const [{ name, input, stateMachineArn } = { name: '', input: '{}', stateMachineArn: '' }] = starts();
    expect(stateMachineArn).toBe('arn:aws:states:us-east-1:000000000000:stateMachine:waiter');
    expect(name).toBe(`${imageId}-1`);
    expect(JSON.parse(input ?? '')).toEqual({
      ...(example('ami-created').detail as object),
      requestKey: 'request#000000000000#amity#one',
    });
  });

  it('has it validated, where its bake wants that', async () => {
    known({ bake: spec({ validate: '#!/bin/sh\n' }) });
    await deliver(handler, [created()]);
    expect(JSON.parse(starts()[0]?.input ?? '')).toMatchObject({ validates: true });
  });

  it('has it not validated, where its bake wants nothing of the kind', async () => {
    known({ bake: spec() });
    await deliver(handler, [created()]);
    expect(JSON.parse(starts()[0]?.input ?? '')).not.toHaveProperty('validates');
  });

  it('that was started before is as good', async () => {
    sfn.on(StartExecutionCommand).rejects(new ExecutionAlreadyExists({ message: 'exists', $metadata: {} }));
    expect(await deliver(handler, [created(), created()])).toEqual([]);
    expect(queue.hidden).toEqual([]);
  });

  it.each(['ThrottlingException', 'AccessDeniedException', 'ExecutionLimitExceeded'])(
    '%s: again later',
    async (name) => {
      sfn.on(StartExecutionCommand).rejects(Object.assign(new Error(name), { name }));
      expect(await deliver(handler, [created()])).toEqual(['one']);
      expect(queue.hidden).toEqual([{ handle: 'handle-of-one', seconds: 15 }]);
    },
  );

  it('DynamoDB down: again later', async () => {
    calls.faults = (name) => (name === 'Get' ? { when: 'before', how: 'throws' } : undefined);
    expect(await deliver(handler, [created()])).toEqual(['one']);
    expect(starts()).toEqual([]);
  });
});

describe('no waiter is started for', () => {
  it.each<[string, Item]>([
    ['an image that is available already', { state: 'available' }],
    ['one that failed already', { state: 'failed' }],
    ['an earlier attempt', { attempt: 2 }],
    ['an image that the request has replaced', { imageId: 'ami-0fedcba9876543210' }],
  ])('%s', async (_, overrides) => {
    known(overrides);
    expect(await deliver(handler, [created()])).toEqual([]);
    expect(starts()).toEqual([]);
  });

  it('an image that nobody asked for', async () => {
    expect(await deliver(handler, [created()])).toEqual([]);
    expect(starts()).toEqual([]);
  });

  it('a detail that is none, which comes back until it is a dead letter', async () => {
    known();
    const broken = sqsRecord(example('ami-created', { detail: { imageId } }), { messageId: 'broken' });
    expect(await deliver(handler, [broken, created()])).toEqual(['broken']);
    expect(starts()).toHaveLength(1);
  });
});
