import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-available/roll-out.ts';
import { everyCut, once } from '../../support/calls.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { sqsRecord } from '../../support/events.ts';
import { ami, available, RolloutWorld, TEMPLATE } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
  world.has(1, 2);
  world.follower({ data: { IamInstanceProfile: { Name: 'web-profile' } } });
  world.groups.add();
});
const message = (messageId = 'one') => sqsRecord(available(), { messageId });
const rollOut = async () => expect(await deliver(handler, [message()])).toEqual([]);
const shown = () => world.templates.shown(TEMPLATE);
const pinnedTo = () => world.groups.group('web').LaunchTemplate?.Version;
const told = () =>
  [...new Set(world.bus.entries.map(({ Detail }) => Detail))].map((each) => JSON.parse(each ?? ''));

/** What must hold in the end, however often the event has come. */
function rolledOutOnce(): void {
  expect(shown()).toEqual({ images: [ami(1), ami(2)], standard: 2 });
  expect(pinnedTo()).toBe('1');
  expect(world.executions).toMatchObject([{ version: 2, autoScalingGroupName: 'web' }]);
  // The bus may hear of it twice when the function dies between saying so and writing that down.
  expect(told()).toMatchObject([{ version: 2, imageId: ami(2), previousVersion: 1 }]);
  expect(world.bus.of('AmiRolledOut')).toHaveLength(world.bus.published.length);
  expect(world.entry()).toMatchObject({
    rollout: { version: 2, announced: true },
    present: { imageId: ami(2) },
  });
  expect(world.entry()).not.toHaveProperty('leaseUntil');
}

const CALLS = [
  'DescribeLaunchTemplates',
  'DescribeImages',
  'DescribeImages',
  'DescribeAutoScalingGroups',
  'DescribeImages',
  'Update',
  'DescribeLaunchTemplateVersions',
  'DescribeImages',
  'GetInstanceProfile',
  'DescribeLaunchTemplateVersions',
  'UpdateAutoScalingGroup',
  'CreateLaunchTemplateVersion',
  'Put',
  'ModifyLaunchTemplate',
  'PutEvents',
  'StartExecution',
  'Put',
  'Put',
];

const DEATHS = everyCut(CALLS).filter(({ how }) => how === 'dies');

describe('a crash at any call, then the event again', () => {
  it('covers every call there is', async () => {
    await rollOut();
    expect(world.calls.names).toEqual(CALLS);
  });

  it.each(everyCut(CALLS))('$how $when call $number, $name', async ({ number, when, how }) => {
    world.calls.faults = once({ when, how }, { number });
    await Promise.race([deliver(handler, [message()]), world.calls.died]);
    passes(2 * MINUTE);
    await rollOut();
    rolledOutOnce();
  });

  it.each(DEATHS)(
    '$how $when call $number, $name; a newer image meanwhile',
    async ({ number, when, how }) => {
      world.calls.faults = once({ when, how }, { number });
      await Promise.race([deliver(handler, [message()]), world.calls.died]);
      passes(2 * MINUTE);
      world.has(3);
      await rollOut();
      const { images, standard } = shown();
      expect(images[standard - 1]).toBe(ami(3));
      expect(pinnedTo()).toBe('1');
      expect(told().at(-1)).toMatchObject({ version: standard, imageId: ami(3) });
      expect(world.executions.at(-1)).toMatchObject({ version: standard });
      // What was in force for a moment, and was not told, is told no more.
      expect(told()).toHaveLength(world.executions.length);
    },
  );
});

describe('two deliveries', () => {
  it('at once: one works, the other is tried again in 5 seconds', async () => {
    const again = await deliver(handler, [message('one'), message('two')]);
    expect(again).toHaveLength(1);
    expect(world.queue.hidden).toEqual([{ handle: `handle-of-${again[0]}`, seconds: 5 }]);
    rolledOutOnce();
    await rollOut();
    rolledOutOnce();
  });

  it('while somebody is at work: nothing is changed', async () => {
    world.table.items.set(`rollouts/template#${TEMPLATE}`, {
      id: `template#${TEMPLATE}`,
      owner: 'another',
      leaseUntil: Date.now() + 1,
    });
    expect(await deliver(handler, [message()])).toEqual(['one']);
    expect(world.changes).toEqual([]);
    expect(world.entry()).toMatchObject({ owner: 'another' });
  });

  it('after somebody has died: what he held is taken when it is over', async () => {
    const leaseUntil = Date.now() + MINUTE;
    world.table.items.set(`rollouts/template#${TEMPLATE}`, {
      id: `template#${TEMPLATE}`,
      owner: 'another',
      leaseUntil,
    });
    passes(MINUTE);
    expect(await deliver(handler, [message()])).toEqual(['one']);
    passes(1);
    await rollOut();
    rolledOutOnce();
  });
});

describe('somebody who was overtaken', () => {
  /** The first delivery stands still after that call; the second one rolls out a third image; the first goes on. */
  const overtake = async (when: 'before' | 'after', name: string) => {
    world.calls.faults = once({ when, how: 'stalls' }, { name });
    const first = deliver(handler, [message('first')]);
    await world.calls.died;
    passes(MINUTE + 1);
    world.has(3);
    expect(await deliver(handler, [message('second')])).toEqual([]);
    const before = { ...shown(), entry: world.entry() };
    world.calls.wake();
    expect(await first).toEqual(['first']);
    return before;
  };

  it('writes nothing over what the other one wrote', async () => {
    const { entry, ...before } = await overtake('after', 'CreateLaunchTemplateVersion');
    expect(shown()).toEqual(before);
    expect(world.entry()).toEqual(entry);
    expect(world.bus.of('AmiRolledOut')).toMatchObject([{ imageId: ami(3) }]);
  });

  it('and had set the default back does it again, to what is the newest', async () => {
    const { entry } = await overtake('before', 'ModifyLaunchTemplate');
    expect(shown().standard).toBe(2);
    expect(world.entry()).toEqual(entry);
    await rollOut();
    const { images, standard } = shown();
    expect(images[standard - 1]).toBe(ami(3));
  });
});
