import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as rollOut } from '../../../handlers/ami-available/roll-out.ts';
import { handler as setPointer } from '../../../handlers/ami-available/set-pointer.ts';
import { handler } from '../../../handlers/ami-rollback-requested/roll-back.ts';
import type { Envelope } from '../../../shared/events/event.ts';
import { DAY, MINUTE, passes, stopClock } from '../../support/clock.ts';
import { ami, available, POINTER, RolloutWorld, rollback, TEMPLATE } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
  world.has(1);
});
/** Each of these images becomes available, one after the other. */
const goForward = async (...numbers: number[]) => {
  for (const number of numbers) {
    world.has(number);
    expect(await deliver(rollOut, [available()])).toEqual([]);
    expect(await deliver(setPointer, [available()])).toEqual([]);
    passes(MINUTE);
  }
  world.calls.names.length = 0;
};
const goBack = async (event: Envelope = rollback()) => {
  expect(await deliver(handler, [event])).toEqual([]);
  passes(MINUTE);
};
const shown = (id = TEMPLATE) => world.templates.shown(id);
const back = () => world.bus.of('AmiRolledBack');

describe('a rollback', () => {
  it('makes the version before the default again, rejects the image, and moves the pointer', async () => {
    world.follower();
    await goForward(2);
    await goBack();
    expect(shown()).toEqual({ images: [ami(1), ami(2)], standard: 1 });
    expect(world.imageTags(2)).toMatchObject({ 'amity:rejected': 'incident' });
    expect(world.imageTags(1)).not.toHaveProperty('amity:rejected');
    expect(world.parameters.value(POINTER)).toBe(ami(1));
  });

  it('is told in the words of the contract', async () => {
    world.follower();
    await goForward(2);
    await goBack();
    expect(back()).toEqual([
      {
        launchTemplateId: TEMPLATE,
        version: 1,
        imageId: ami(1),
        previousVersion: 2,
        previousImageId: ami(2),
        instanceName: 'service-api',
        requestId: 'incident',
      },
    ]);
    expect(world.bus.of('AmiRolloutFailed')).toEqual([]);
  });

  it('refreshes the groups of the template, and pins them first', async () => {
    world.follower();
    world.groups.add({ name: 'web' });
    world.groups.add({ name: 'other', LaunchTemplate: { LaunchTemplateId: 'lt-0000000f', Version: '1' } });
    await goForward(2);
    world.groups.add({ name: 'web' });
    await goBack();
    expect(world.changes).toEqual([
      'UpdateAutoScalingGroup',
      'CreateTags',
      'ModifyLaunchTemplate',
      'StartExecution',
      'CreateTags',
      'PutParameter',
    ]);
    expect(world.groups.group('web').LaunchTemplate).toEqual({ LaunchTemplateId: TEMPLATE, Version: '2' });
    expect(world.executions.at(-1)).toEqual({ kind: 'back', autoScalingGroupName: 'web', ...back()[0] });
  });

  it('may have the id of one template, and leaves the others', async () => {
    world.follower();
    world.follower({ id: 'lt-0000000b' });
    await goForward(2);
    await goBack(rollback({ instanceName: undefined, launchTemplateId: 'lt-0000000b' }));
    expect(shown().standard).toBe(2);
    expect(shown('lt-0000000b').standard).toBe(1);
    expect(back()).toMatchObject([{ launchTemplateId: 'lt-0000000b' }]);
  });

  it('may name the version', async () => {
    world.follower();
    await goForward(2, 3, 4);
    await goBack(rollback({ version: 2 }));
    expect(shown().standard).toBe(2);
    expect(back()).toMatchObject([{ version: 2, imageId: ami(2), previousVersion: 4 }]);
    expect([2, 3, 4].filter((number) => world.imageTags(number)['amity:rejected'])).toEqual([4]);
    expect(world.parameters.value(POINTER)).toBe(ami(2));
  });

  it('may come from any source, without an id', async () => {
    world.follower();
    await goForward(2);
    const event = rollback({ requestId: undefined }, { source: 'my.deploy' });
    await goBack(event);
    await goBack({ ...event, id: 'another' });
    expect(shown().standard).toBe(1);
    expect(back()).toHaveLength(1);
    expect(back()[0]?.requestId).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('one request', () => {
  it('goes one step back, however often it is delivered, or replayed', async () => {
    world.follower();
    await goForward(2, 3);
    const event = rollback();
    for (let times = 0; times < 3; times += 1) await goBack(event);
    passes(30 * DAY);
    await goBack({ ...event, id: 'replayed', 'replay-name': 'a-month' });
    expect(shown().standard).toBe(2);
    expect(back()).toHaveLength(1);
    expect(world.imageTags(2)).not.toHaveProperty('amity:rejected');
  });

  it('replayed after newer images were rolled out changes nothing', async () => {
    world.follower();
    await goForward(2);
    const event = rollback();
    await goBack(event);
    await goForward(3);
    await goBack({ ...event, 'replay-name': 'a-month' });
    expect(shown()).toEqual({ images: [ami(1), ami(2), ami(3)], standard: 3 });
    expect(world.imageTags(3)).not.toHaveProperty('amity:rejected');
  });

  it('is another one with another id: two steps', async () => {
    world.follower();
    await goForward(2, 3);
    await goBack();
    await goBack(rollback({ requestId: 'second' }));
    expect(shown().standard).toBe(1);
    expect(back().map(({ imageId }) => imageId)).toEqual([ami(2), ami(1)]);
  });
});

describe('afterwards', () => {
  it('neither the image that was left nor one that is older is followed', async () => {
    world.follower();
    await goForward(3);
    await goBack();
    world.has(2);
    await deliver(rollOut, [available()]);
    await deliver(setPointer, [available()]);
    expect(shown()).toEqual({ images: [ami(1), ami(3)], standard: 1 });
    expect(world.parameters.value(POINTER)).toBe(ami(1));
  });

  it('nor when the image that was left is deleted', async () => {
    world.follower();
    await goForward(3);
    await goBack();
    world.deregister(3);
    world.has(2);
    await deliver(rollOut, [available()]);
    await deliver(setPointer, [available()]);
    expect(shown().standard).toBe(1);
    expect(world.parameters.value(POINTER)).toBe(ami(1));
  });

  it('a newer one is; and a rollback of that goes back to the same version', async () => {
    world.follower();
    await goForward(2);
    await goBack();
    await goForward(3);
    expect(shown()).toEqual({ images: [ami(1), ami(2), ami(3)], standard: 3 });
    expect(world.parameters.value(POINTER)).toBe(ami(3));
    await goBack(rollback({ requestId: 'second' }));
    expect(shown().standard).toBe(1);
    expect(world.parameters.value(POINTER)).toBe(ami(1));
  });

  it('the other templates of the name do not get it either', async () => {
    world.follower();
    await goForward(2);
    await goBack();
    world.follower({ id: 'lt-0000000b' });
    await deliver(rollOut, [available()]);
    expect(shown('lt-0000000b').standard).toBe(1);
  });
});

describe('several templates of one name', () => {
  it('go back, each to its own version; the pointer to the newest of their images', async () => {
    world.follower();
    await goForward(2);
    world.follower({ id: 'lt-0000000b' });
    await goForward(3);
    await goBack();
    expect(shown().standard).toBe(2);
    expect(shown('lt-0000000b').standard).toBe(1);
    expect(world.parameters.value(POINTER)).toBe(ami(2));
    expect(back()).toHaveLength(2);
  });

  it('one that never got the image stays', async () => {
    world.follower();
    world.follower({ id: 'lt-0000000b' });
    await goForward(2);
    world.templates.retag('lt-0000000b', {});
    await goForward(3);
    world.templates.retag('lt-0000000b', { 'amity:follow': 'service-api' });
    await goBack();
    expect(shown().standard).toBe(2);
    expect(shown('lt-0000000b').standard).toBe(2);
  });

  it('are found on the last page', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'].map((letter) => world.follower({ id: `lt-0000000${letter}` }));
    await goForward(2);
    world.templates.pageSize = 2;
    await goBack();
    expect(ids.map((id) => shown(id).standard)).toEqual([1, 1, 1, 1, 1]);
  });
});

it('an image of another account is left, and not tagged', async () => {
  world.follower();
  await goForward(2);
  const theirs = world.ec2.images.find(({ ImageId }) => ImageId === ami(2));
  Object.assign(theirs ?? {}, { OwnerId: '111111111111' });
  world.parameters.held.clear();
  await goBack();
  expect(shown().standard).toBe(1);
  expect(world.imageTags(2)).not.toHaveProperty('amity:rejected');
  expect(back()).toMatchObject([{ previousImageId: ami(2) }]);
});
