import { StopInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../handlers/move/conclude.ts';
import { tagsOf } from '../../../shared/aws/ec2.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { everyCut, once } from '../../support/calls.ts';
import { HOUR, passes, stopClock } from '../../support/clock.ts';
import { lambdaContext, NOW } from '../../support/events.ts';
import { MoveWorld, move, SOURCE } from '../../support/move-world.ts';

stopClock();

const NEW = 'i-0b111de7000000001';
let world: MoveWorld;
beforeEach(() => {
  world = new MoveWorld();
  world.builders.add({ id: NEW });
});
const conclude = (overrides: object = {}) =>
  handler({ ...move(), instanceId: NEW, since: NOW.toISOString(), ...overrides }, lambdaContext());
const healthy = () => world.checks.set(NEW, ['ok', 'ok']);
const stopped = () => world.inputs(StopInstancesCommand).flatMap(({ InstanceIds = [] }) => InstanceIds);

describe('a new instance that has passed its checks', () => {
  beforeEach(healthy);

  it('concludes the move, and the source runs on', async () => {
    expect(await conclude()).toEqual({ moved: true });
    expect(world.changes).toEqual([]);
  });

  it('and the source is stopped, where that was asked for; it says first whereto it was moved', async () => {
    expect(await conclude({ stopSource: true })).toEqual({ moved: true });
    expect(world.changes).toEqual(['CreateTags', 'StopInstances']);
    expect(stopped()).toEqual([SOURCE]);
    expect(tagsOf(world.source.Tags)).toMatchObject({ 'amity:moved-to': NEW, Name: 'service-api' });
  });

  it('and the source is stopped once, however often it is asked', async () => {
    for (let times = 0; times < 3; times += 1)
      expect(await conclude({ stopSource: true })).toEqual({ moved: true });
    expect(stopped()).toEqual([SOURCE]);
  });

  it.each(['stopping', 'stopped', 'shutting-down', 'terminated'] as const)(
    'and a source that is %s already is left alone',
    async (Name) => {
      world.source.State = { Name };
      expect(await conclude({ stopSource: true })).toEqual({ moved: true });
      expect(world.changes).toEqual([]);
    },
  );

  it('and a source that is gone is so much the better', async () => {
    world.ec2.instances.shift();
    expect(await conclude({ stopSource: true })).toEqual({ moved: true });
  });

  it('a source that EC2 does not stop: thrown, and asked again', async () => {
    const error = ec2Error('UnauthorizedOperation');
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'StopInstances' });
    await expect(conclude({ stopSource: true })).rejects.toThrow('UnauthorizedOperation');
    expect(await conclude({ stopSource: true })).toEqual({ moved: true });
    expect(world.source.State?.Name).toBe('stopping');
  });
});

describe('while it has not', () => {
  it.each([
    ['its checks have not begun', 'initializing', 'initializing'],
    ['one of them has not ended', 'ok', 'initializing'],
    ['the other one has not', 'initializing', 'ok'],
    ['one of them fails for now', 'impaired', 'ok'],
    ['they say too little', 'insufficient-data', 'ok'],
  ] as const)('%s: there is more to wait for, and nothing is stopped', async (_, instance, system) => {
    world.checks.set(NEW, [instance, system]);
    expect(await conclude({ stopSource: true })).toEqual({ pending: true });
    expect(world.changes).toEqual([]);
  });

  it('EC2 may not know it yet', async () => {
    expect(await conclude({ instanceId: 'i-0b111de7000000009', stopSource: true })).toEqual({
      pending: true,
    });
  });

  it('an hour is enough: it failed, it stays, and so does the source', async () => {
    world.checks.set(NEW, ['impaired', 'ok']);
    passes(HOUR);
    expect(await conclude({ stopSource: true })).toEqual({
      failed: { code: 'unhealthy', message: expect.stringContaining('impaired (instance) and ok (system)') },
    });
    expect(world.changes).toEqual([]);
  });
});

it.each(['stopping', 'stopped', 'shutting-down', 'terminated'] as const)(
  'a new instance that is %s has failed, and the source runs on',
  async (state) => {
    healthy();
    const [, made] = world.ec2.instances;
    Object.assign(made ?? {}, { State: { Name: state } });
    expect(await conclude({ stopSource: true })).toMatchObject({
      failed: { code: 'unhealthy', message: expect.stringContaining(state) },
    });
    expect(world.changes).toEqual([]);
  },
);

const CALLS = ['DescribeInstanceStatus', 'DescribeInstances', 'CreateTags', 'StopInstances'];
it.each(everyCut(CALLS))('$how $when $name, then asked again: stopped, never terminated', async (cut) => {
  healthy();
  world.calls.faults = once(cut, { number: cut.number });
  await Promise.race([conclude({ stopSource: true }).catch(() => undefined), world.calls.died]);
  expect(await conclude({ stopSource: true })).toEqual({ moved: true });
  expect(world.source.State?.Name).toMatch(/^stopp/);
  expect(world.inputs(TerminateInstancesCommand)).toEqual([]);
});
