import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-available/roll-out.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { lambdaContext, sqsRecord } from '../../support/events.ts';
import { ami, available, RolloutWorld } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
  world.has(1, 2);
});
const message = () => sqsRecord(available(), { messageId: 'one' });
const ids = (count: number) =>
  Array.from({ length: count }, (_, index) => world.follower({ id: `lt-${String(index).padStart(8, '0')}` }));
const rolledOut = (all: readonly string[]) =>
  all.filter((id) => world.templates.shown(id).images.at(-1) === ami(2));

it('200 templates of one name: each has one version, and is told of once', async () => {
  const all = ids(200);
  world.templates.pageSize = 30;
  expect(await deliver(handler, [message()], lambdaContext({ remainingMs: 300_000 }))).toEqual([]);
  expect(rolledOut(all)).toEqual(all);
  expect(all.every((id) => world.templates.versions(id).length === 2)).toBe(true);
  expect(world.bus.of('AmiRolledOut').map(({ launchTemplateId }) => launchTemplateId)).toEqual(all);
});

it('paginates: images that are on the last page are seen', async () => {
  world.ec2.pageSize = 1;
  world.has(3, 4);
  const [id = ''] = ids(1);
  expect(await deliver(handler, [message()])).toEqual([]);
  expect(world.templates.shown(id).images.at(-1)).toBe(ami(4));
});

it('an image that lists do not show yet is asked for by its id', async () => {
  const [id = ''] = ids(1);
  const { detail, ...envelope } = available();
  world.addImage(9);
  const late = world.ec2.images.pop();
  world.calls.before('DescribeAutoScalingGroups', () => world.ec2.images.push(late ?? {}));
  const event = { ...envelope, detail: { ...(detail as object), imageId: ami(9) } };
  expect(await deliver(handler, [event])).toEqual([]);
  expect(world.templates.shown(id).images.at(-1)).toBe(ami(9));
});

describe('one of many that fails', () => {
  const faults = [
    ['CreateLaunchTemplateVersion', ec2Error('InternalError')],
    ['ModifyLaunchTemplate', ec2Error('RequestLimitExceeded')],
    ['Update', undefined],
    ['StartExecution', undefined],
  ] as const;
  it.each(faults)(
    'at %s does not keep the others from it, and is done by the next delivery',
    async (name, error) => {
      const all = ids(12);
      world.groups.add();
      world.calls.faults = once({ when: 'before', how: 'throws', ...(error && { error }) }, { name });
      expect(await deliver(handler, [message()])).toEqual(['one']);
      expect(world.bus.of('AmiRolledOut').length).toBeGreaterThanOrEqual(11);
      expect(await deliver(handler, [message()])).toEqual([]);
      expect(rolledOut(all)).toEqual(all);
      const told = world.bus.of('AmiRolledOut').map(({ launchTemplateId }) => launchTemplateId);
      expect([...new Set(told)].toSorted()).toEqual(all);
      expect(world.executions).toHaveLength(1);
    },
  );

  it('for good is told, and no reason to come again', async () => {
    const all = ids(3);
    const error = ec2Error('UnauthorizedOperation');
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'ModifyLaunchTemplate' });
    expect(await deliver(handler, [message()])).toEqual([]);
    expect(world.bus.of('AmiRolloutFailed')).toMatchObject([
      { launchTemplateId: all[0], code: 'access-denied' },
    ]);
    expect(world.bus.of('AmiRolledOut').map(({ launchTemplateId }) => launchTemplateId)).toEqual(
      all.slice(1),
    );
  });
});

it('where the time is over, the rest is for the next delivery, at once', async () => {
  const all = ids(12);
  world.calls.before('ModifyLaunchTemplate', () => passes(MINUTE));
  expect(await deliver(handler, [message()], lambdaContext({ remainingMs: 1.5 * MINUTE }))).toEqual(['one']);
  expect(world.queue.hidden).toEqual([{ handle: 'handle-of-one', seconds: 1 }]);
  expect(rolledOut(all)).toEqual(all.slice(0, 5));
  expect(await deliver(handler, [message()])).toEqual([]);
  expect(rolledOut(all)).toEqual(all);
});

it('with no time at all, nothing is begun', async () => {
  const all = ids(2);
  expect(await deliver(handler, [message()], lambdaContext({ remainingMs: MINUTE }))).toEqual(['one']);
  expect(world.changes).toEqual([]);
  expect(rolledOut(all)).toEqual([]);
});
