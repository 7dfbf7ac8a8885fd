import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/states-execution-change/give-up-bake.ts';
import { closedGroup } from '../../../shared/aws/bake/network.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { everyCut, once, times } from '../../support/calls.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { envelope, sqsRecord } from '../../support/events.ts';
import { image } from '../../support/fake-ec2.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: BakeWorld;
let requestKey: string;
beforeEach(async () => {
  world = new BakeWorld();
  requestKey = world.knows().key;
  const group = await closedGroup({ bake: 'bake-1', subnetId: undefined, deadline: '' });
  world.builders.add().SecurityGroups = [{ GroupId: group }];
  world.calls.names.length = 0;
});

const ended = (receives = 1, input: object = {}, detail: object = {}) =>
  sqsRecord(
    envelope({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      detail: {
        name: 'bake-1',
        stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:bake',
        status: 'ABORTED',
        input: JSON.stringify({ requestKey, attempt: 1, ...input }),
        ...detail,
      },
    }),
    { messageId: 'one', receives },
  );

/** Delivered until it is done; how often. */
async function untilDone(...of: [input?: object, detail?: object]): Promise<number> {
  for (let receives = 1; receives < 20; receives += 1) {
    if ((await deliver(handler, [ended(receives, ...of)])).length === 0) return receives;
    passes(MINUTE);
  }
  throw new Error('It is never done');
}
const nothingIsLeft = () => {
  expect(world.builders.alive).toEqual([]);
  expect(world.builders.groups).toEqual([]);
};
const detail = {
  requestId: 'one',
  attempt: 1,
  code: 'bake-error',
  message: 'The workflow of this bake ended as ABORTED, and not by itself: execution bake-1.',
  instanceName: 'service-web',
};

describe('a workflow that somebody stopped', () => {
  it('has its builder taken away, and its request ended, at once', async () => {
    expect(await deliver(handler, [ended()])).toEqual(['one']);
    expect(world.builders.alive).toEqual([]);
    expect(world.bus.published).toEqual([{ type: 'AmiFailed', detail }]);
    expect(world.queue.hidden).toEqual([{ handle: 'handle-of-one', seconds: 10 }]);
  });

  it('is told once, and is done when nothing is left', async () => {
    world.builders.slowness = 2;
    expect(await untilDone()).toBeGreaterThan(2);
    nothingIsLeft();
    expect(world.told).toEqual(['AmiFailed 1']);
    expect(world.requests).toMatchObject([{ state: 'failed', announced: true }]);
  });

  it.each(['FAILED', 'TIMED_OUT'])('or that ended as %s by itself, likewise', async (status) => {
    await untilDone({}, { status });
    expect(world.bus.of('AmiFailed')).toMatchObject([{ message: expect.stringContaining(status) }]);
  });

  it('before it had a builder is done after three looks', async () => {
    world.ec2.instances = [];
    expect(await untilDone()).toBe(3);
    expect(world.told).toEqual(['AmiFailed 1']);
  });

  it('after its image was announced: only its builder is taken away', async () => {
    world.knows({ state: 'created', announced: true, imageId: 'ami-00000000000000001' });
    await untilDone();
    nothingIsLeft();
    expect(world.told).toEqual([]);
  });

  it('with an image that was begun without our knowing: that counts', async () => {
    const tags = { 'amity:request-id': 'one', 'amity:instance-name': 'service-web' };
    world.ec2.images.push(image({ name: 'service-web-Deploy-2025-06-05_12_00', state: 'pending', tags }));
    await untilDone();
    expect(world.told).toEqual(['AmiCreated 1']);
  });

  it('of an attempt that is over: only its builder is taken away', async () => {
    world.knows({ attempt: 2 });
    await untilDone();
    nothingIsLeft();
    expect(world.told).toEqual([]);
    expect(world.requests).toMatchObject([{ state: 'creating', attempt: 2 }]);
  });
});

it('of a validation only the builder is taken away: the waiter is told by Step Functions', async () => {
  world.knows({ state: 'created', announced: true, imageId: 'ami-00000000000000001' });
  await untilDone({ imageId: 'ami-00000000000000001' });
  nothingIsLeft();
  expect(world.told).toEqual([]);
  expect(world.calls.names).not.toContain('Get');
});

describe('a crash at any call, then the message again', () => {
  const CALLS = [
    'DescribeInstances',
    'TerminateInstances',
    'Get',
    'DescribeImages',
    'Put',
    'PutEvents',
    'Put',
  ];
  it.each(everyCut(CALLS))('$how $when call $number, $name', async ({ number, when, how }) => {
    world.calls.faults = once({ when, how }, { number });
    await Promise.race([deliver(handler, [ended()]), world.calls.died]);
    await untilDone();
    nothingIsLeft();
    expect(world.requests).toMatchObject([{ state: 'failed', announced: true }]);
    // The bus may hear of it twice when the function dies between saying so and writing that down.
    expect(new Set(world.bus.entries.map(({ Detail }) => Detail)).size).toBe(1);
    expect(world.bus.of('AmiFailed')[0]).toEqual(detail);
  });

  it('covers every call of the first delivery', async () => {
    await deliver(handler, [ended()]);
    expect(world.calls.names).toEqual([...CALLS, 'Hide']);
  });

  it('the bus down: told by a later delivery', async () => {
    world.calls.faults = times(8, 'PutEvents', { when: 'before', how: 'throws' });
    await untilDone();
    expect(world.told).toEqual(['AmiFailed 1']);
  });
});

it.each<[string, object]>([
  ['without an input', { input: null }],
  ['with another’s input', { input: '{}' }],
])('an execution %s is none of ours: somebody started it by hand', async (_, broken) => {
  expect(await deliver(handler, [ended(1, {}, broken)])).toEqual([]);
  expect(world.told).toEqual([]);
});

it('an event without a name comes back until it is a dead letter', async () => {
  expect(await deliver(handler, [ended(1, {}, { name: undefined })])).toEqual(['one']);
  expect(world.told).toEqual([]);
});
