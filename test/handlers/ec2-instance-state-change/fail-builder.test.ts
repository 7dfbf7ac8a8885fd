import { InvalidToken, TaskDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ec2-instance-state-change/fail-builder.ts';
import { log } from '../../../shared/runtime/log.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { times } from '../../support/calls.ts';
import { envelope, sqsRecord } from '../../support/events.ts';
import { deliver } from '../../support/world.ts';

let world: BakeWorld;
beforeEach(() => {
  world = new BakeWorld();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const id = 'i-0b111de7000000001';
const changed = (state = 'terminated', detail: object = { 'instance-id': id, state }) =>
  sqsRecord(
    envelope({ source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification', detail }),
    { messageId: 'one' },
  );
const waits = () => world.table.items.set(`waiting/${id}`, { id, taskToken: 'token', expiresAt: 1 });
const fault = (error: Error) => {
  world.calls.faults = times(1, 'SendTaskFailure', { when: 'before', how: 'throws', error });
};

it.each(['stopping', 'stopped', 'shutting-down', 'terminated'])(
  'a builder that is %s before its signal fails its bake, in words',
  async (state) => {
    waits();
    expect(await deliver(handler, [changed(state)])).toEqual([]);
    expect(world.failedTasks).toEqual([
      {
        taskToken: 'token',
        error: 'builder-gone',
        cause: `The builder ${id} is ${state}, and has not signalled its end.`,
      },
    ]);
  },
);

it('another instance of the account is nobody’s business here', async () => {
  expect(await deliver(handler, [changed()])).toEqual([]);
  expect(world.calls.names).toEqual(['Get']);
});

const over = { message: 'over', $metadata: {} };

it.each([new TaskTimedOut(over), new TaskDoesNotExist(over), new InvalidToken(over)])(
  '%s: it has signalled before, and nothing is wrong',
  async (error) => {
    const warn = vi.spyOn(log, 'warn');
    waits();
    fault(error);
    expect(await deliver(handler, [changed()])).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
  },
);

it.each(['ThrottlingException', 'AccessDeniedException'])('%s: again later', async (name) => {
  waits();
  fault(Object.assign(new Error(name), { name }));
  expect(await deliver(handler, [changed()])).toEqual(['one']);
  expect(await deliver(handler, [changed()])).toEqual([]);
  expect(world.failedTasks).toHaveLength(1);
});

it('DynamoDB down: again later', async () => {
  waits();
  world.calls.faults = times(1, 'Get', { when: 'before', how: 'throws' });
  expect(await deliver(handler, [changed()])).toEqual(['one']);
});

it('a detail that is none comes back until it is a dead letter', async () => {
  expect(await deliver(handler, [changed('', { state: 'stopped' })])).toEqual(['one']);
});
