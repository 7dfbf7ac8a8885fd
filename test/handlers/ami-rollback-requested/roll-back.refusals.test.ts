import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as rollOut } from '../../../handlers/ami-available/roll-out.ts';
import { handler } from '../../../handlers/ami-rollback-requested/roll-back.ts';
import type { Envelope } from '../../../shared/events/event.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { sqsRecord } from '../../support/events.ts';
import { scalingError } from '../../support/fake-groups.ts';
import { ami, available, RolloutWorld, rollback, TEMPLATE } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
/** A template that went from the first image to the second. */
beforeEach(async () => {
  world = new RolloutWorld();
  world.has(1, 2);
  world.follower({ data: { IamInstanceProfile: { Name: 'web-profile' } } });
  await deliver(rollOut, [available()]);
  passes(MINUTE);
  world.groups.add();
  world.calls.names.length = 0;
});
const goBack = async (event: Envelope = rollback()) => expect(await deliver(handler, [event])).toEqual([]);
const failures = () => world.bus.of('AmiRolloutFailed');
const of = (launchTemplateId: string, detail: object = {}) =>
  rollback({ instanceName: undefined, launchTemplateId, ...detail });

/** Refused, told once with that code, and nothing is as it was not before. */
async function isRefused(event: Envelope, code: string, message: string): Promise<void> {
  await goBack(event);
  await goBack({ ...event, 'replay-name': 'again' });
  expect(failures()).toMatchObject([
    { requestId: 'incident', code, message: expect.stringContaining(message) },
  ]);
  expect(world.changes).toEqual([]);
}

describe('a rollback is refused', () => {
  it('that was asked for before the default came into force', async () => {
    const event = rollback();
    passes(MINUTE);
    world.has(3);
    await deliver(rollOut, [available()]);
    world.calls.names.length = 0;
    await isRefused(event, 'superseded', `Version 3 of ${TEMPLATE} came into force after`);
  });

  it('that was asked for before somebody set an older version by another rollback', async () => {
    const event = rollback();
    passes(MINUTE);
    await goBack(rollback({ requestId: 'first' }));
    world.calls.names.length = 0;
    await isRefused(event, 'superseded', 'Version 1');
  });

  it('of a default that a person has made', async () => {
    world.templates.grow(TEMPLATE, { ImageId: ami(2) }, 'hotfix, from version 2');
    world.templates.reset(TEMPLATE, 3);
    passes(MINUTE);
    await isRefused(rollback(), 'nothing-to-roll-back', 'Version 3');
  });

  it('to what is the default already', async () => {
    await isRefused(rollback({ version: 2 }), 'nothing-to-roll-back', 'is the default');
  });

  it.each([1, 7])('to version %i, which is gone', async (version) => {
    world.templates.deleteVersion(TEMPLATE, 1);
    await isRefused(rollback({ version }), 'nothing-to-roll-back', `no version ${version}`);
  });

  it('to a version whose image is gone', async () => {
    world.deregister(1);
    await isRefused(rollback(), 'image-unusable', `Version 1 of ${TEMPLATE} has ${ami(1)}, which is gone`);
  });

  it('to a version whose image is disabled', async () => {
    Object.assign(world.ec2.images[0] ?? {}, { State: 'disabled' });
    await isRefused(rollback(), 'image-unusable', `${ami(1)}, which is disabled`);
  });

  it('to a version without an image', async () => {
    world.templates.grow(TEMPLATE, {});
    await isRefused(rollback({ version: 3 }), 'image-unusable', 'no image');
  });

  it('to a version with a role that is not listed', async () => {
    world.profiles.set('web-profile', ['admin']);
    await isRefused(rollback(), 'pass-role', 'has the role admin');
  });

  it('where nobody follows the name, and it has no pointer', async () => {
    world.templates.retag(TEMPLATE, {});
    await isRefused(rollback(), 'no-follower', 'No launch template follows "service-api"');
  });

  it.each(['lt-0000000f', 'lt-0000000e'])('of %s: not there, or without the tag', async (id) => {
    world.templates.add({ id: 'lt-0000000e', tags: { Name: 'service-api' } });
    await isRefused(of(id), 'no-follower', id);
    expect(failures()).toMatchObject([{ launchTemplateId: id }]);
  });

  it('to a version of several templates', async () => {
    world.follower({ id: 'lt-0000000b' });
    await isRefused(rollback({ version: 1 }), 'invalid-request', 'Name the launchTemplateId');
  });
});

describe('a detail that is no request', () => {
  it.each([
    ['names both', { launchTemplateId: TEMPLATE }],
    ['names neither', { instanceName: undefined }],
    ['an id that is none', { instanceName: undefined, launchTemplateId: 'web' }],
    ['a version that is none', { version: 0 }],
  ])('%s: told once, and nothing is changed', async (_, detail) => {
    const event = rollback({ ...detail, requestId: undefined });
    await goBack(event);
    await goBack(event);
    expect(failures()).toMatchObject([
      { code: 'invalid-request', requestId: expect.stringMatching(/^\w{32}$/) },
    ]);
    expect(world.changes).toEqual([]);
  });

  it('does not shadow the request whose id it carries', async () => {
    await goBack(rollback({ version: -1 }));
    await goBack();
    expect(world.templates.shown(TEMPLATE).standard).toBe(1);
  });
});

describe('what AWS refuses for good', () => {
  const refusals: [string, Error, string][] = [
    ['UpdateAutoScalingGroup', scalingError('no', 'AccessDenied', 403), 'access-denied'],
    ['CreateTags', ec2Error('UnauthorizedOperation'), 'access-denied'],
    ['ModifyLaunchTemplate', ec2Error('UnauthorizedOperation'), 'access-denied'],
    ['ModifyLaunchTemplate', ec2Error('InvalidParameterValue'), 'ec2-rejected'],
  ];
  it.each(refusals)('%s, %s: told once as %s, and the default stays', async (name, error, code) => {
    world.calls.faults = (each) => (each === name ? { when: 'before', how: 'throws', error } : undefined);
    for (let times = 0; times < 2; times += 1) await goBack();
    expect(failures()).toMatchObject([{ code, requestId: 'incident', version: 1, previousVersion: 2 }]);
    expect(world.templates.shown(TEMPLATE).standard).toBe(2);
    expect(world.executions).toEqual([]);
  });

  it.each(refusals)('%s, %s: told as %s, though the function died after it', async (name, error) => {
    world.calls.faults = (each) => {
      if (each === name) return { when: 'before', how: 'throws', error };
      const isTold = failures().length > 0 && each === 'Put';
      return isTold ? { when: 'before', how: 'throws' } : undefined;
    };
    await deliver(handler, [rollback()]);
    passes(2 * MINUTE);
    world.calls.faults = (each) => (each === name ? { when: 'before', how: 'throws', error } : undefined);
    await goBack(rollback({}, { time: new Date(Date.now() - 2 * MINUTE).toISOString() }));
    expect(world.templates.shown(TEMPLATE).standard).toBe(2);
    expect(new Set(world.bus.entries.map(({ Detail }) => Detail).slice(1)).size).toBe(1);
  });

  it.each(['CreateTags', 'ModifyLaunchTemplate'])(
    'what may pass at %s comes again, and is done',
    async (name) => {
      const event = sqsRecord(rollback(), { messageId: 'one' });
      const error = ec2Error('RequestLimitExceeded');
      world.calls.faults = once({ when: 'before', how: 'throws', error }, { name });
      expect(await deliver(handler, [event])).toEqual(['one']);
      expect(failures()).toEqual([]);
      expect(await deliver(handler, [event])).toEqual([]);
      expect(world.templates.shown(TEMPLATE).standard).toBe(1);
    },
  );
});

describe('a template that is deleted', () => {
  it.each(['DescribeAutoScalingGroups', 'Update'])('before %s: nothing is changed', async (name) => {
    world.calls.before(name, () => world.templates.delete(TEMPLATE));
    await goBack();
    expect(world.changes).toEqual([]);
  });

  it('before the default is set: told, and it does not come again', async () => {
    world.calls.before('ModifyLaunchTemplate', () => world.templates.delete(TEMPLATE));
    await goBack();
    expect(failures()).toMatchObject([{ code: 'ec2-rejected' }]);
    expect(world.executions).toEqual([]);
  });
});

it('one of several that fails does not keep the others from it', async () => {
  for (const letter of ['a', 'b', 'c']) world.follower({ id: `lt-0000000${letter}` });
  world.has(3);
  await deliver(rollOut, [available()]);
  passes(MINUTE);
  const all = [TEMPLATE, 'lt-0000000a', 'lt-0000000b', 'lt-0000000c'];
  world.calls.faults = once({ when: 'before', how: 'throws' }, { name: 'ModifyLaunchTemplate' });
  const event = sqsRecord(rollback(), { messageId: 'one' });
  expect(await deliver(handler, [event])).toEqual(['one']);
  const done = all.filter(
    (id) => world.templates.shown(id).images.length > world.templates.shown(id).standard,
  );
  expect(done).toHaveLength(3);
  expect(await deliver(handler, [event])).toEqual([]);
  expect(all.map((id) => world.templates.shown(id).standard)).toEqual([2, 1, 1, 1]);
  const told = world.bus.of('AmiRolledBack').map(({ launchTemplateId }) => launchTemplateId);
  expect(told.toSorted()).toEqual(all);
});
