import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-requested/create-image.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { type Fault, once, times } from '../../support/calls.ts';
import { HOUR, MINUTE, passes, stopClock } from '../../support/clock.ts';
import { envelope, lambdaContext, request, sqsRecord } from '../../support/events.ts';
import { instance } from '../../support/fake-ec2.ts';
import { deliver, World } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: World;
beforeEach(() => {
  world = new World();
});
const types = () => world.bus.published.map(({ type }) => type);

describe('the same request', () => {
  it('delivered 5 times in one batch and once more later makes one image', async () => {
    const copies = Array.from({ length: 5 }, () => sqsRecord(envelope()));
    const again = await deliver(handler, copies);
    expect(again).toHaveLength(4);
    passes(MINUTE);
    expect(
      await deliver(
        handler,
        copies.filter(({ messageId }) => again.includes(messageId)),
      ),
    ).toEqual([]);
    expect(await deliver(handler, [envelope()])).toEqual([]);
    expect(world.ec2.images).toHaveLength(1);
    expect(types()).toEqual(['AmiCreated']);
  });

  it('delivered to 5 functions at once makes one image', async () => {
    const copies = Array.from({ length: 5 }, () => sqsRecord(envelope()));
    const answers = await Promise.all(copies.map((copy) => deliver(handler, [copy])));
    passes(5 * MINUTE);
    const left = copies.filter(({ messageId }) => answers.flat().includes(messageId));
    expect(await deliver(handler, left)).toEqual([]);
    expect(world.ec2.images).toHaveLength(1);
    expect(types()).toEqual(['AmiCreated']);
  });

  it('as one message at two functions at once (SQS may do so) makes one image and says so once', async () => {
    const message = sqsRecord(envelope());
    const answers = await Promise.all([deliver(handler, [message]), deliver(handler, [message])]);
    if (answers.flat().length > 0) expect(await deliver(handler, [message])).toEqual([]);
    expect(world.ec2.images).toHaveLength(1);
    expect(types()).toEqual(['AmiCreated']);
  });

  it('waits while another message is at work on it, and 20 seconds are enough', async () => {
    world.calls.faults = once({ when: 'before', how: 'dies' }, { name: 'CreateImage' });
    void deliver(handler, [sqsRecord(envelope(), { messageId: 'first' })]);
    await world.calls.died;
    expect(await deliver(handler, [sqsRecord(envelope(), { messageId: 'second' })])).toEqual(['second']);
    expect(world.queue.hidden).toEqual([{ handle: 'handle-of-second', seconds: 20 }]);
    expect(world.ec2.images).toEqual([]);
  });

  it('is taken over by another message when the lease of a dead function is over', async () => {
    world.calls.faults = once({ when: 'after', how: 'dies' }, { name: 'CreateImage' });
    void deliver(handler, [sqsRecord(envelope(), { messageId: 'first' })]);
    await world.calls.died;
    passes(2 * MINUTE);
    expect(await deliver(handler, [sqsRecord(envelope(), { messageId: 'second' })])).toEqual([]);
    expect(world.ec2.images).toHaveLength(1);
    expect(types()).toEqual(['AmiCreated']);
  });
});

describe('a function that stalls beyond its lease, and goes on beside the one that took over', () => {
  it.each([
    ['before', 'CreateImage'],
    ['after', 'CreateImage'],
    ['before', 'TransactWrite'],
  ] as const)('%s %s: one image, told once', async (when, name) => {
    world.calls.faults = once({ when, how: 'stalls' }, { name });
    const message = sqsRecord(envelope(), { messageId: 'first' });
    const stalled = deliver(handler, [message], lambdaContext({ remainingMs: HOUR }));
    await world.calls.died;
    passes(3 * MINUTE);
    expect(await deliver(handler, [sqsRecord(envelope(), { messageId: 'second' })])).toEqual([]);
    world.calls.wake();
    expect(await stalled).toEqual(['first']);
    expect(await deliver(handler, [message])).toEqual([]);
    expect(world.ec2.images).toHaveLength(1);
    expect(types()).toEqual(['AmiCreated']);
  });
});

describe('a crash at any call, then the message again', () => {
  const faults: Fault[] = [
    { when: 'before', how: 'throws' },
    { when: 'after', how: 'throws' },
    { when: 'before', how: 'dies' },
    { when: 'after', how: 'dies' },
  ];
  // Get, Put, DescribeInstances, CreateImage, TransactWrite, PutEvents, TransactWrite.
  const cuts = faults.flatMap((fault) => Array.from({ length: 7 }, (_, number) => ({ ...fault, number })));

  it.each(cuts)('$how $when call $number', async ({ number, ...fault }) => {
    const message = sqsRecord(envelope());
    world.calls.faults = once(fault, { number });
    await Promise.race([deliver(handler, [message]), world.calls.died]);
    passes(5 * MINUTE);
    expect(await deliver(handler, [message])).toEqual([]);
    expect(world.ec2.images.map(({ Name }) => Name)).toEqual(['service-api-Deploy-2025-06-05_12_00']);
    expect(world.requests).toMatchObject([{ state: 'created', announced: true, attempt: 1 }]);
    // The bus may hear of it twice when the function dies between saying so and writing that down.
    expect(new Set(world.bus.entries.map(({ Detail }) => Detail)).size).toBe(1);
  });

  it('covers every call there is', async () => {
    await deliver(handler, [envelope()]);
    expect(world.calls.names).toEqual([
      'Get',
      'Put',
      'DescribeInstances',
      'CreateImage',
      'TransactWrite',
      'PutEvents',
      'TransactWrite',
    ]);
  });
});

it('a waiter that is quicker than the last write here is not overruled', async () => {
  const through = world.calls.through.bind(world.calls);
  world.calls.through = async (name, carryOut) => {
    const answer = await through(name, carryOut);
    if (name === 'PutEvents') {
      for (const [key, item] of world.table.items) {
        const end = { state: 'available', announced: true, version: Number(item.version) + 1 };
        if (key.startsWith('requests/request#')) world.table.items.set(key, { ...item, ...end });
      }
    }
    return answer;
  };
  expect(await deliver(handler, [envelope()])).toEqual([]);
  expect(await deliver(handler, [envelope()])).toEqual([]);
  expect(world.requests).toMatchObject([{ state: 'available', announced: true }]);
  expect(types()).toEqual(['AmiCreated']);
});

describe('a lost answer of CreateImage', () => {
  const lost: Fault = { when: 'after', how: 'throws' };

  it.each([1, 2, 20])('%i times in a row: the one image is adopted', async (count) => {
    world.calls.faults = times(count, 'CreateImage', lost);
    expect(await deliver(handler, [envelope()])).toEqual([]);
    expect(world.ec2.images).toHaveLength(1);
    expect(world.bus.of('AmiCreated')).toMatchObject([
      { imageId: 'ami-00000000000000001', instanceId: 'i-0123456789abcdef0' },
    ]);
  });

  it('then the death of the instance: the image that it left is adopted, with its own instance', async () => {
    world.ec2.instances = [
      instance({ id: 'i-old', launchedAt: '2025-01-01T00:00:00Z' }),
      instance({ id: 'i-new', launchedAt: '2025-02-01T00:00:00Z' }),
    ];
    world.calls.faults = times(1, 'CreateImage', lost);
    const answered = deliver(handler, [envelope()]);
    world.ec2.gone.add('i-new');
    await answered;
    expect(world.bus.of('AmiCreated')).toMatchObject([{ instanceId: 'i-old' }]);
  });

  it('then no instance at all: adopted all the same, not failed', async () => {
    const message = sqsRecord(envelope());
    world.calls.faults = once({ when: 'after', how: 'dies' }, { name: 'CreateImage' });
    void deliver(handler, [message]);
    await world.calls.died;
    world.ec2.instances = [];
    expect(await deliver(handler, [message])).toEqual([]);
    expect(types()).toEqual(['AmiCreated']);
  });

  it.each(['UnauthorizedOperation', 'InvalidParameterValue'])(
    'then a refusal (%s): adopted all the same, not failed',
    async (name) => {
      const message = sqsRecord(envelope());
      world.calls.faults = once({ when: 'after', how: 'dies' }, { name: 'CreateImage' });
      void deliver(handler, [message]);
      await world.calls.died;
      world.calls.faults = once(
        { when: 'before', how: 'throws', error: ec2Error(name) },
        { name: 'CreateImage' },
      );
      expect(await deliver(handler, [message])).toEqual([]);
      expect(types()).toEqual(['AmiCreated']);
    },
  );
});

describe('two different requests for one instance in one minute', () => {
  it('make two images, the second with a suffix of its own', async () => {
    await deliver(handler, [request({ requestId: 'one' }), request({ requestId: 'two' })]);
    expect(world.ec2.images.map(({ Name }) => Name)).toEqual([
      'service-api-Deploy-2025-06-05_12_00',
      expect.stringMatching(/^service-api-Deploy-2025-06-05_12_00-[0-9a-f]{6}$/),
    ]);
    expect(world.bus.of('AmiCreated').map(({ requestId }) => requestId)).toEqual(['one', 'two']);
    expect(world.bus.of('AmiCreated')[1]?.imageName).toBe(world.ec2.images[1]?.Name);
  });

  it('find the suffixed image again when its answer was lost', async () => {
    await deliver(handler, [request({ requestId: 'one' })]);
    world.calls.faults = (name) =>
      name === 'CreateImage' && world.calls.count('CreateImage') === 3
        ? { when: 'after', how: 'throws' }
        : undefined;
    await deliver(handler, [request({ requestId: 'two' })]);
    expect(world.ec2.images).toHaveLength(2);
    expect(world.bus.of('AmiCreated')).toHaveLength(2);
  });

  it('keep to the suffix when the plain name is free again after a crash', async () => {
    await deliver(handler, [request({ requestId: 'one' })]);
    const message = sqsRecord(request({ requestId: 'two' }));
    world.calls.faults = (name) =>
      name === 'CreateImage' && world.calls.count('CreateImage') === 3
        ? { when: 'after', how: 'dies' }
        : undefined;
    void deliver(handler, [message]);
    await world.calls.died;
    world.ec2.images.shift();
    expect(await deliver(handler, [message])).toEqual([]);
    expect(world.ec2.images).toHaveLength(1);
    expect(world.bus.of('AmiCreated')).toHaveLength(2);
  });

  it('with one id from two sources are two requests', async () => {
    await deliver(handler, [
      request({ requestId: 'same' }, { source: 'one' }),
      request({ requestId: 'same' }, { source: 'two' }),
    ]);
    expect(world.ec2.images).toHaveLength(2);
  });

  it('end as name-taken when the suffix is held by a stranger as well', async () => {
    await deliver(handler, [request({ requestId: 'one' }), request({ requestId: 'two' })]);
    const fresh = new World();
    const strangers = world.ec2.images.map((each) => ({ ...each, Tags: [] }));
    fresh.ec2.images.push(...strangers);
    await deliver(handler, [request({ requestId: 'two' })], lambdaContext());
    expect(fresh.bus.of('AmiFailed')).toMatchObject([{ code: 'name-taken' }]);
  });
});
