import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closedGroup } from '../../../shared/aws/bake/network.ts';
import { sweepBuilders } from '../../../shared/aws/bake/sweep.ts';
import { log } from '../../../shared/runtime/log.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { times } from '../../support/calls.ts';
import { DAY, HOUR } from '../../support/clock.ts';
import { NOW } from '../../support/events.ts';

let world: BakeWorld;
beforeEach(() => {
  world = new BakeWorld();
});
afterEach(() => {
  vi.restoreAllMocks();
});
const at = (ms: number) => new Date(NOW.getTime() + ms).toISOString();

describe('sweepBuilders', () => {
  it('terminates those whose deadline is over, whatever they do, and no other', async () => {
    world.builders.add({ id: 'i-overdue', deadline: at(-1) });
    world.builders.add({ id: 'i-stopped', deadline: at(-DAY), state: 'stopped' });
    world.builders.add({ id: 'i-at-work', deadline: at(HOUR) });
    world.builders.add({ id: 'i-untagged', launchedAt: at(-DAY - 1) });
    world.builders.add({ id: 'i-untagged-new', launchedAt: at(-HOUR) });
    await sweepBuilders(NOW);
    expect(world.builders.alive).toEqual(['i-at-work', 'i-untagged-new']);
  });

  it('leaves what is gone already', async () => {
    world.builders.add({ id: 'i-1', deadline: at(-1), state: 'terminated' });
    world.builders.add({ id: 'i-2', deadline: at(-1), state: 'shutting-down' });
    await sweepBuilders(NOW);
    expect(world.calls.names).not.toContain('TerminateInstances');
  });

  it('keeps what its console showed in the log', async () => {
    const warn = vi.spyOn(log, 'warn');
    world.builders.add({ id: 'i-1', deadline: at(-1) });
    world.builders.consoles.set('i-1', 'stuck at dnf');
    await sweepBuilders(NOW);
    expect(warn.mock.calls).toEqual([
      [
        expect.any(String),
        {
          builder: expect.objectContaining({ instanceId: 'i-1' }),
          why: expect.any(String),
          output: 'stuck at dnf',
        },
      ],
    ]);
  });

  it('terminates one whose console cannot be read', async () => {
    world.builders.add({ id: 'i-1', deadline: at(-1) });
    world.calls.faults = times(9, 'GetConsoleOutput', { when: 'before', how: 'throws' });
    await sweepBuilders(NOW);
    expect(world.builders.alive).toEqual([]);
  });

  it('deletes security groups that were left behind', async () => {
    await closedGroup({ bake: 'old', subnetId: undefined, deadline: at(-1) });
    await closedGroup({ bake: 'new', subnetId: undefined, deadline: at(HOUR) });
    await sweepBuilders(NOW);
    expect(world.builders.groups).toMatchObject([{ GroupName: 'amity-builder-new' }]);
  });

  it('UnauthorizedOperation: thrown', async () => {
    world.builders.add({ id: 'i-1', deadline: at(-1) });
    const error = ec2Error('UnauthorizedOperation');
    world.calls.faults = times(1, 'TerminateInstances', { when: 'before', how: 'throws', error });
    await expect(sweepBuilders(NOW)).rejects.toMatchObject({ errors: [error] });
  });

  it('one that cannot be terminated does not shield the others', async () => {
    world.builders.add({ id: 'i-protected', deadline: at(-2) });
    world.builders.add({ id: 'i-overdue', deadline: at(-1) });
    const error = ec2Error('OperationNotPermitted');
    world.calls.faults = times(1, 'TerminateInstances', { when: 'before', how: 'throws', error });
    await expect(sweepBuilders(NOW)).rejects.toThrow();
    expect(world.builders.alive).toEqual(['i-protected']);
  });
});
