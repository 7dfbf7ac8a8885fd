import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-available/set-pointer.ts';
import { everyCut, once } from '../../support/calls.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { lambdaContext, sqsRecord } from '../../support/events.ts';
import { sleep } from '../../support/fake-sleep.ts';
import { ami, available, POINTER, RolloutWorld } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
  world.has(1, 2);
  sleep.mockClear();
});
const point = async (name?: string) => expect(await deliver(handler, [available(name)])).toEqual([]);
const value = (name = POINTER) => world.parameters.value(name);

describe('the pointer of a name', () => {
  it('is made, and holds the newest available image', async () => {
    await point();
    expect(world.parameters.written).toEqual([
      {
        Name: POINTER,
        Value: ami(2),
        Type: 'String',
        DataType: 'aws:ec2:image',
        Description: expect.stringContaining('service-api'),
        Overwrite: true,
      },
    ]);
    expect(value()).toBe(ami(2));
    expect(world.bus.published).toEqual([]);
  });

  it('moves forward with the next one, and is written once for each', async () => {
    await point();
    await point();
    world.has(3);
    await point();
    await point();
    expect(world.parameters.written.map(({ Value }) => Value)).toEqual([ami(2), ami(3)]);
  });

  it.each(['pending', 'failed', 'disabled'])('stays where the newer image is %s', async (state) => {
    world.addImage(3, { state });
    await point();
    expect(value()).toBe(ami(2));
  });

  it.each([
    ['rejected', { 'amity:instance-name': 'service-api', 'amity:rejected': 'incident' }],
    ['failed its validation', { 'amity:instance-name': 'service-api', 'amity:failed': 'validate' }],
    ['made by somebody else', { Name: 'service-api' }],
    ['of another name', { 'amity:instance-name': 'service-api-2' }],
    ['made of a backup', { 'amity:instance-name': 'service-api', Reason: 'Backup' }],
  ])('is not for an image that is %s', async (_, tags) => {
    world.parameters.set(POINTER, ami(2));
    world.addImage(3, { tags });
    await point();
    expect(value()).toBe(ami(2));
    expect(world.parameters.written).toEqual([]);
  });

  it('stays where somebody has set it to what is newer', async () => {
    world.has(4);
    const [newer] = world.ec2.images.splice(2, 1, { ...world.ec2.images[2], Tags: [] });
    expect(newer?.ImageId).toBe(ami(4));
    world.parameters.set(POINTER, ami(4));
    await point();
    expect(value()).toBe(ami(4));
  });

  it('does not go back where the image that it holds is gone', async () => {
    world.has(3);
    await point();
    world.deregister(3);
    await point();
    expect(value()).toBe(ami(3));
  });

  it('is written again where somebody has deleted it', async () => {
    await point();
    world.parameters.held.clear();
    await point();
    expect(value()).toBe(ami(2));
  });

  it('has no characters that SSM refuses', async () => {
    world.addImage(3, { tags: { 'amity:instance-name': 'Straße 7 (blue)' } });
    await point('Straße 7 (blue)');
    expect(value('/amity/images/Stra-e-7--blue-/latest')).toBe(ami(3));
  });
});

describe('AWS answers first, and looks at the image then', () => {
  it('is read back until it has taken the value', async () => {
    world.parameters.slowness = 7;
    await point();
    expect(value()).toBe(ami(2));
    expect(sleep).toHaveBeenCalledTimes(7);
    expect(world.bus.published).toEqual([]);
  });

  it('a value that is never taken is told once, and tried again with the next event', async () => {
    world.parameters.set(POINTER, ami(1));
    world.parameters.slowness = 1_000_000;
    const context = lambdaContext({ remainingMs: MINUTE });
    expect(await deliver(handler, [available()], context)).toEqual([]);
    expect(context.getRemainingTimeInMillis()).toBeGreaterThan(30_000);
    await point();
    expect(world.bus.published).toEqual([
      {
        type: 'AmiRolloutFailed',
        detail: {
          parameterName: POINTER,
          instanceName: 'service-api',
          imageId: ami(2),
          previousImageId: ami(1),
          requestId: 'request-2',
          code: 'pointer-refused',
          message: expect.stringContaining(`does not hold ${ami(2)}, 20 s after`),
        },
      },
    ]);
    expect(value()).toBe(ami(1));
    world.parameters.slowness = 0;
    await point();
    expect(value()).toBe(ami(2));
  });

  it('an image that went away meanwhile is refused, and the pointer stays', async () => {
    world.parameters.set(POINTER, ami(1));
    world.calls.before('PutParameter', () => world.deregister(2));
    await point();
    expect(value()).toBe(ami(1));
    expect(world.bus.of('AmiRolloutFailed')).toMatchObject([{ code: 'pointer-refused' }]);
  });
});

describe('two names with one parameter', () => {
  const other = 'service api';
  const name = '/amity/images/service-api/latest';
  beforeEach(() => {
    world.addImage(3, { tags: { 'amity:instance-name': other, 'amity:request-id': 'other' } });
  });

  it('it stays the first one’s, and the other is told, once', async () => {
    await point();
    await point(other);
    await point(other);
    expect(value(name)).toBe(ami(2));
    expect(world.bus.published).toEqual([
      {
        type: 'AmiRolloutFailed',
        detail: {
          parameterName: name,
          instanceName: other,
          code: 'pointer-clash',
          message: expect.stringContaining('is the pointer of "service-api"; "service api" has none'),
        },
      },
    ]);
    world.has(4);
    await point();
    expect(value(name)).toBe(ami(4));
  });

  it('is the first one’s already before it is written', async () => {
    world.calls.faults = once({ when: 'before', how: 'dies' }, { name: 'PutParameter' });
    void deliver(handler, [available()]);
    await world.calls.died;
    passes(2 * MINUTE);
    await point(other);
    expect(value(name)).toBeUndefined();
    expect(world.bus.of('AmiRolloutFailed')).toMatchObject([{ code: 'pointer-clash', instanceName: other }]);
  });
});

describe('a crash at any call, then the event again', () => {
  const CALLS = [
    'DescribeImages',
    'DescribeImages',
    'Update',
    'GetParameter',
    'DescribeImages',
    'Put',
    'PutParameter',
    'GetParameter',
    'Put',
    'Put',
  ];
  beforeEach(() => world.parameters.set(POINTER, ami(1)));

  it('covers every call there is', async () => {
    await point();
    expect(world.calls.names).toEqual(CALLS);
  });

  it.each(everyCut(CALLS))('$how $when call $number, $name', async ({ number, when, how }) => {
    world.calls.faults = once({ when, how }, { number });
    await Promise.race([deliver(handler, [available()]), world.calls.died]);
    passes(2 * MINUTE);
    await point();
    expect(value()).toBe(ami(2));
    expect(world.bus.published).toEqual([]);
  });
});

describe('two deliveries', () => {
  it('at once: the other one is tried again, and the pointer is written once', async () => {
    const messages = ['one', 'two'].map((messageId) => sqsRecord(available(), { messageId }));
    expect(await deliver(handler, messages)).toHaveLength(1);
    await point();
    expect(world.parameters.written).toHaveLength(1);
  });

  it('one who was overtaken writes nothing', async () => {
    world.parameters.set(POINTER, ami(1));
    world.calls.faults = once({ when: 'before', how: 'stalls' }, { name: 'GetParameter' });
    const first = deliver(handler, [sqsRecord(available(), { messageId: 'first' })]);
    await world.calls.died;
    passes(MINUTE + 1);
    world.has(3);
    await point();
    world.calls.wake();
    expect(await first).toEqual(['first']);
    expect(world.parameters.written.map(({ Value }) => Value)).toEqual([ami(3)]);
  });
});
