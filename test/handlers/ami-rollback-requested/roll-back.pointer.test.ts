import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as setPointer } from '../../../handlers/ami-available/set-pointer.ts';
import { handler } from '../../../handlers/ami-rollback-requested/roll-back.ts';
import type { Envelope } from '../../../shared/events/event.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { ami, available, POINTER, RolloutWorld, rollback, TEMPLATE } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
  world.has(1, 2);
});
const goBack = async (event: Envelope = rollback()) => expect(await deliver(handler, [event])).toEqual([]);
const value = () => world.parameters.value(POINTER);
const failures = () => world.bus.of('AmiRolloutFailed');
const rejected = () => [1, 2, 3].filter((number) => world.imageTags(number)['amity:rejected']);
const pointed = async () => {
  await deliver(setPointer, [available()]);
  passes(MINUTE);
};

describe('where nobody follows the name, the pointer', () => {
  it('goes back to the newest image that is older, once for each request', async () => {
    world.has(3);
    await pointed();
    for (let times = 0; times < 3; times += 1) await goBack(rollback({}, { time: new Date().toISOString() }));
    expect(value()).toBe(ami(2));
    expect(rejected()).toEqual([3]);
    await goBack(rollback({ requestId: 'second' }));
    expect(value()).toBe(ami(1));
    expect(rejected()).toEqual([2, 3]);
    expect(failures()).toEqual([]);
  });

  it('stays there, until there is a newer image', async () => {
    await pointed();
    await goBack();
    await pointed();
    expect(value()).toBe(ami(1));
    world.has(3);
    await pointed();
    expect(value()).toBe(ami(3));
  });

  it.each([
    ['is not available', { state: 'disabled' }],
    ['failed its validation', { tags: { 'amity:instance-name': 'service-api', 'amity:failed': 'validate' } }],
    ['is of somebody else', { tags: { Name: 'service-api' } }],
  ])('goes past one that %s', async (_, facts) => {
    world.has(4);
    world.addImage(3, facts);
    await pointed();
    await goBack();
    expect(value()).toBe(ami(2));
  });

  it('has nothing to go back to: told once, and nothing is rejected', async () => {
    world.deregister(1);
    await pointed();
    await goBack();
    await goBack(rollback({}, { 'replay-name': 'again' }));
    expect(value()).toBe(ami(2));
    expect(rejected()).toEqual([]);
    expect(failures()).toMatchObject([
      { code: 'image-unusable', parameterName: POINTER, previousImageId: ami(2), requestId: 'incident' },
    ]);
  });

  it('was written after the rollback was asked for: superseded', async () => {
    const event = rollback();
    passes(MINUTE);
    await pointed();
    await goBack(event);
    expect(value()).toBe(ami(2));
    expect(rejected()).toEqual([]);
    expect(failures()).toMatchObject([{ code: 'superseded', parameterName: POINTER }]);
  });

  it('is not there either: no-follower', async () => {
    await goBack();
    expect(failures()).toMatchObject([{ code: 'no-follower', instanceName: 'service-api' }]);
  });
});

describe('where templates follow the name, the pointer', () => {
  const followed = (description = `amity: ${ami(2)}, request request-2, from version 1`) => {
    world.follower();
    world.templates.grow(TEMPLATE, { ImageId: ami(2) }, description);
    world.templates.reset(TEMPLATE, 2);
    passes(MINUTE);
  };

  it('goes where these went, and not where it would go by itself', async () => {
    world.addImage(3, { createdAt: '2025-05-01T18:00:00.000Z' });
    await pointed();
    followed();
    await goBack();
    expect(value()).toBe(ami(1));
  });

  it('stays where it holds another image, that nobody has rejected', async () => {
    followed();
    world.has(3);
    await pointed();
    await goBack();
    expect(world.templates.shown(TEMPLATE).standard).toBe(1);
    expect(value()).toBe(ami(3));
    expect(rejected()).toEqual([2]);
  });

  it('stays where none of these went back', async () => {
    followed('by hand');
    await pointed();
    await goBack();
    expect(failures()).toMatchObject([{ code: 'nothing-to-roll-back' }]);
    expect(value()).toBe(ami(2));
    expect(rejected()).toEqual([]);
  });

  it('is not made where there is none', async () => {
    followed();
    await goBack();
    expect(world.templates.shown(TEMPLATE).standard).toBe(1);
    expect(world.parameters.written).toEqual([]);
  });

  it('goes by itself where these went to an image that is not ours', async () => {
    world.deregister(1);
    world.addImage(1, { ownerId: '111111111111', tags: {} });
    world.addImage(3, { createdAt: '2025-05-01T18:00:00.000Z' });
    await pointed();
    followed();
    await goBack();
    expect(world.templates.shown(TEMPLATE).standard).toBe(1);
    expect(value()).toBe(ami(3));
  });

  it('goes there with them, where there is none of ours before', async () => {
    world.deregister(1);
    world.addImage(1, { ownerId: '111111111111', tags: {} });
    await pointed();
    followed();
    await goBack();
    expect(value()).toBe(ami(1));
    expect(failures()).toEqual([]);
  });
});

it('the pointer of another name stays', async () => {
  const name = 'service api';
  world.addImage(3, { tags: { 'amity:instance-name': name } });
  await pointed();
  await goBack(rollback({ instanceName: name }));
  expect(value()).toBe(ami(2));
  expect(rejected()).toEqual([]);
  expect(failures()).toMatchObject([{ code: 'pointer-clash' }, { code: 'no-follower' }]);
});
