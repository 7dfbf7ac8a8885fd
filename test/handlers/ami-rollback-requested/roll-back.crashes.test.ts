import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as rollOut } from '../../../handlers/ami-available/roll-out.ts';
import { handler } from '../../../handlers/ami-rollback-requested/roll-back.ts';
import type { Envelope } from '../../../shared/events/event.ts';
import { everyCut, once } from '../../support/calls.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { sqsRecord } from '../../support/events.ts';
import { ami, available, POINTER, RolloutWorld, rollback, TEMPLATE } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
let event: Envelope;
/** A template that went from the first image to the second, the second to the third; its group; the pointer. */
beforeEach(async () => {
  world = new RolloutWorld();
  world.has(1);
  world.follower();
  for (const number of [2, 3]) {
    world.has(number);
    await deliver(rollOut, [available()]);
    passes(MINUTE);
  }
  world.groups.add();
  world.parameters.set(POINTER, ami(3));
  world.states.executions.clear();
  world.bus.entries.length = 0;
  world.calls.names.length = 0;
  event = rollback();
});
const again = async () => expect(await deliver(handler, [event])).toEqual([]);
const shown = (id = TEMPLATE) => world.templates.shown(id);

/** What must hold in the end, however often the request has come. */
function wentOneStepBack(): void {
  expect(shown()).toEqual({ images: [ami(1), ami(2), ami(3)], standard: 2 });
  expect(world.imageTags(3)['amity:rejected']).toBe('incident');
  expect(world.imageTags(2)).not.toHaveProperty('amity:rejected');
  expect(world.parameters.value(POINTER)).toBe(ami(2));
  expect(world.groups.group('web').LaunchTemplate?.Version).toBe('3');
  // A rollout that comes between refreshes a group that came after the one before.
  const back = world.executions.filter((each) => (each as { kind: string }).kind === 'back');
  expect(back).toMatchObject([{ version: 2, autoScalingGroupName: 'web' }]);
  expect(new Set(world.bus.entries.map(({ Detail }) => Detail)).size).toBe(1);
  expect(world.bus.of('AmiRolledBack')[0]).toMatchObject({
    version: 2,
    previousVersion: 3,
    requestId: 'incident',
  });
  expect(world.table.found('rollouts', 'rollback#')).toMatchObject([{ told: 'done' }]);
}

const CALLS = [
  'Get',
  'DescribeLaunchTemplates',
  'DescribeAutoScalingGroups',
  'DescribeLaunchTemplateVersions',
  'Put',
  'Update',
  'DescribeLaunchTemplateVersions',
  'DescribeLaunchTemplateVersions',
  'DescribeImages',
  'DescribeLaunchTemplateVersions',
  'UpdateAutoScalingGroup',
  'DescribeImages',
  'CreateTags',
  'Put',
  'ModifyLaunchTemplate',
  'PutEvents',
  'StartExecution',
  'Put',
  'Put',
  'DescribeImages',
  'Update',
  'GetParameter',
  'DescribeImages',
  'DescribeImages',
  'DescribeImages',
  'CreateTags',
  'Put',
  'Put',
  'PutParameter',
  'GetParameter',
  'Put',
  'Put',
  'Put',
];

const DEATHS = everyCut(CALLS).filter(({ how }) => how === 'dies');

describe('a crash at any call, then the request again', () => {
  it('covers every call there is', async () => {
    await again();
    expect(world.calls.names).toEqual(CALLS);
  });

  it.each(everyCut(CALLS))('$how $when call $number, $name', async ({ number, when, how }) => {
    world.calls.faults = once({ when, how }, { number });
    await Promise.race([deliver(handler, [event]), world.calls.died]);
    passes(2 * MINUTE);
    await again();
    wentOneStepBack();
    await again();
    wentOneStepBack();
  });

  it.each(DEATHS)('$how $when call $number, $name; an event comes between', async ({ number, when, how }) => {
    world.calls.faults = once({ when, how }, { number });
    await Promise.race([deliver(handler, [event]), world.calls.died]);
    passes(2 * MINUTE);
    await deliver(rollOut, [available()]);
    await again();
    wentOneStepBack();
  });
});

describe('a crash at any call, where the pointer is all that there is', () => {
  const POINTER_CALLS = [
    'Get',
    'DescribeLaunchTemplates',
    'DescribeImages',
    'Update',
    'GetParameter',
    'DescribeImages',
    'DescribeImages',
    'DescribeImages',
    'CreateTags',
    'Put',
    'Put',
    'PutParameter',
    'GetParameter',
    'Put',
    'Put',
    'Put',
  ];
  beforeEach(() => world.templates.delete(TEMPLATE));

  it('covers every call there is', async () => {
    await again();
    expect(world.calls.names).toEqual(POINTER_CALLS);
  });

  it.each(everyCut(POINTER_CALLS))('$how $when call $number, $name', async ({ number, when, how }) => {
    world.calls.faults = once({ when, how }, { number });
    await Promise.race([deliver(handler, [event]), world.calls.died]);
    passes(2 * MINUTE);
    await again();
    await again();
    expect(world.parameters.value(POINTER)).toBe(ami(2));
    expect(world.imageTags(3)['amity:rejected']).toBe('incident');
    expect(world.imageTags(2)).not.toHaveProperty('amity:rejected');
    expect(world.bus.published).toEqual([]);
  });
});

describe('two deliveries', () => {
  it('at once: one works, the other is tried again in 5 seconds', async () => {
    const messages = ['one', 'two'].map((messageId) => sqsRecord(event, { messageId }));
    expect(await deliver(handler, messages)).toHaveLength(1);
    expect(world.queue.hidden).toMatchObject([{ seconds: 5 }]);
    await again();
    wentOneStepBack();
  });

  it('and a rollout at once: the one that is second finds what the first has done', async () => {
    const rollingOut = deliver(rollOut, [available()]);
    const goingBack = deliver(handler, [event]);
    await Promise.all([rollingOut, goingBack]);
    await deliver(rollOut, [available()]);
    await again();
    wentOneStepBack();
  });
});

describe('several templates', () => {
  it.each(everyCut(['ModifyLaunchTemplate', 'PutEvents', 'CreateTags', 'StartExecution']))(
    '$how $when the first $name: what is rolled back does not change between deliveries',
    async ({ name, when, how }) => {
      world.follower({ id: 'lt-0000000b' });
      await deliver(rollOut, [available()]);
      passes(MINUTE);
      event = rollback();
      world.calls.faults = once({ when, how }, { name });
      await Promise.race([deliver(handler, [event]), world.calls.died]);
      // The other template's calls go on for a moment.
      await setTimeout(20);
      passes(2 * MINUTE);
      await again();
      await again();
      expect(shown()).toMatchObject({ standard: 2 });
      expect(shown('lt-0000000b')).toMatchObject({ images: [ami(1), ami(3)], standard: 1 });
      expect([1, 2, 3].filter((number) => world.imageTags(number)['amity:rejected'])).toEqual([3]);
      expect(world.parameters.value(POINTER)).toBe(ami(2));
    },
  );

  it('what is rolled back stands, though one of them got a newer image between deliveries', async () => {
    world.follower({ id: 'lt-0000000b' });
    await deliver(rollOut, [available()]);
    passes(MINUTE);
    event = rollback();
    let calls = 0;
    world.calls.faults = (name) => {
      calls += name === 'ModifyLaunchTemplate' ? 1 : 0;
      return name === 'ModifyLaunchTemplate' && calls === 2 ? { when: 'before', how: 'throws' } : undefined;
    };
    expect(await deliver(handler, [event])).toHaveLength(1);
    expect([shown().standard, shown('lt-0000000b').standard]).toEqual([2, 2]);
    passes(MINUTE);
    world.has(4);
    world.templates.retag('lt-0000000b', {});
    await deliver(rollOut, [available()]);
    world.templates.retag('lt-0000000b', { 'amity:follow': 'service-api' });
    await again();
    expect(shown()).toMatchObject({ standard: 4 });
    expect(shown('lt-0000000b')).toMatchObject({ standard: 1 });
    expect([1, 2, 3, 4].filter((number) => world.imageTags(number)['amity:rejected'])).toEqual([3]);
    expect(world.bus.of('AmiRolloutFailed')).toEqual([]);
  });
});
