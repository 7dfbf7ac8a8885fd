import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/schedule/clean-up.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { times } from '../../support/calls.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { HOUR, stopClock } from '../../support/clock.ts';
import { lambdaContext, NOW } from '../../support/events.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  world.has(1, 2, 20);
  world.home.uses.instance(old(1));
  world.home.uses.builder('i-overdue', new Date(NOW.getTime() - 1).toISOString());
  world.home.uses.builder('i-at-work', new Date(NOW.getTime() + HOUR).toISOString());
});
const run = (call: object = {}) => handler(call, lambdaContext({ remainingMs: 900_000 }));
const running = () =>
  world.home.uses.instances.flatMap(({ InstanceId, State }) =>
    State?.Name === 'running' ? [InstanceId] : [],
  );
const groups = () => world.home.uses.securityGroups.map(({ GroupId }) => GroupId);
const cannot = (name: string) => {
  const error = ec2Error('UnauthorizedOperation', 'not you');
  world.calls.faults = times(1, name, { when: 'before', how: 'throws', error });
};
const WORDS = 'UnauthorizedOperation: What a bake left behind stays: not you';

describe('builders that a bake has left behind', () => {
  it('are terminated with their security groups when their deadline is over; all others stay', async () => {
    await run();
    expect(running()).toEqual(['i-1', 'i-at-work']);
    expect(groups()).toEqual(['sg-of-i-at-work']);
    expect(world.home.deregistered).toEqual([old(20)]);
  });

  it('are looked for in each call of a run, and once more when it is repeated', async () => {
    const call = { runId: 'run', startedAt: NOW.toISOString() };
    await run(call);
    world.home.uses.builder('i-later', NOW.toISOString());
    vi.setSystemTime(NOW.getTime() + 1);
    await run(call);
    expect(running()).toEqual(['i-1', 'i-at-work']);
  });

  it('are left alone by a saved plan', async () => {
    await run({ apply: { [old(20)]: 'delete' } });
    expect(running()).toContain('i-overdue');
    expect(world.home.deregistered).toEqual([old(20)]);
    expect(world.calls.names).not.toContain('DescribeSecurityGroups');
  });
});

describe.each(['TerminateInstances', 'DeleteSecurityGroup'])('a sweep that fails (%s)', (name) => {
  beforeEach(() => cannot(name));

  it('fails the run, but images are cleaned all the same', async () => {
    await expect(run()).rejects.toThrow(`run: ${WORDS}`);
    expect(world.home.deregistered).toEqual([old(20)]);
    expect(world.bus.of('AmiCleaned')).toMatchObject([{ counts: { deleted: 1 } }]);
  });

  it('is told beside what else failed', async () => {
    world.home.image(old(20)).DeregistrationProtection = 'enabled';
    world.calls.before('DescribeImages', () => {
      world.home.image(old(20)).DeregistrationProtection = undefined;
    });
    world.calls.before('DeregisterImage', () => {
      world.home.image(old(20)).DeregistrationProtection = 'enabled';
    });
    await expect(run()).rejects.toThrow(new RegExp(`run: ${WORDS}; ${old(20)}: OperationNotPermitted`));
  });

  it('is in the answer of a run of several calls', async () => {
    expect(await run({ runId: 'run' })).toMatchObject({
      done: true,
      report: { failed: [{ code: 'UnauthorizedOperation', message: expect.stringContaining('not you') }] },
    });
  });
});

describe('a sweep that fails in a run that has nothing else to do', () => {
  beforeEach(() => {
    world.home.images.length = 0;
    world.home.snapshots.length = 0;
    cannot('TerminateInstances');
  });

  it('fails the run', async () => {
    await expect(run()).rejects.toThrow(WORDS);
  });

  it('is in the answer of a run of several calls', async () => {
    expect(await run({ runId: 'run' })).toMatchObject({ report: { failed: [{}] } });
  });
});
