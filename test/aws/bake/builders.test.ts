import { DescribeInstancesCommand, GetConsoleOutputCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { builders, consoleOf, stop, terminate } from '../../../shared/aws/bake/builders.ts';
import { connectionLost, ec2Error } from '../../support/aws-errors.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { once } from '../../support/calls.ts';
import { NOW } from '../../support/events.ts';
import { instance } from '../../support/fake-ec2.ts';

let world: BakeWorld;
beforeEach(() => {
  world = new BakeWorld();
});
const id = 'i-0b111de7000000001';
const launchedAt = NOW.toISOString();

describe('builders', () => {
  it('says of each what it is, of whom, and until when', async () => {
    world.builders.add({ launchedAt, deadline: '2025-06-05T15:10:31.000Z' });
    expect(await builders()).toEqual([
      {
        instanceId: id,
        state: 'running',
        bake: 'bake-1',
        launchedAt: NOW,
        deadline: '2025-06-05T15:10:31.000Z',
      },
    ]);
  });

  it('paginates', async () => {
    world.builders.pageSize = 1;
    for (const number of [1, 2, 3]) world.builders.add({ id: `i-${number}` });
    expect((await builders()).map(({ instanceId }) => instanceId)).toEqual(['i-1', 'i-2', 'i-3']);
    expect(world.ec2.mock.commandCalls(DescribeInstancesCommand)).toHaveLength(3);
  });

  it('are those of the bake that is named, and nobody else’s instances', async () => {
    world.ec2.instances = [instance()];
    world.builders.add({ id: 'i-1' });
    world.builders.add({ id: 'i-2', bake: 'bake-2' });
    expect((await builders('bake-2')).map(({ instanceId }) => instanceId)).toEqual(['i-2']);
    expect((await builders()).map(({ instanceId }) => instanceId)).toEqual(['i-1', 'i-2']);
  });

  it('without a deadline are builders all the same', async () => {
    world.builders.add();
    expect(await builders()).toMatchObject([{ deadline: undefined }]);
  });
});

describe('stop and terminate', () => {
  it('do so', async () => {
    world.builders.add();
    await stop(id);
    expect(await builders()).toMatchObject([{ state: 'stopping' }]);
    expect(await builders()).toMatchObject([{ state: 'stopped' }]);
    await terminate(id);
    expect(world.builders.alive).toEqual([]);
  });

  it('one that EC2 has forgotten is terminated', async () => {
    await terminate(id);
    await expect(stop(id)).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
  });

  it('UnauthorizedOperation: thrown', async () => {
    const error = ec2Error('UnauthorizedOperation');
    world.calls.faults = once({ when: 'before', how: 'throws', error });
    await expect(terminate(id)).rejects.toBe(error);
  });
});

describe('consoleOf', () => {
  const asked = () =>
    world.ec2.mock.commandCalls(GetConsoleOutputCommand).map(({ args }) => args[0].input.Latest);
  beforeEach(() => {
    world.builders.add();
    world.builders.consoles.set(id, 'größer ist es nicht\n');
  });

  it('gives the latest, as text', async () => {
    expect(await consoleOf(id)).toBe('größer ist es nicht\n');
    expect(asked()).toEqual([true]);
  });

  it('gives what there is where the type has no latest', async () => {
    const error = ec2Error('UnsupportedOperation');
    world.calls.faults = once({ when: 'before', how: 'throws', error });
    expect(await consoleOf(id)).toBe('größer ist es nicht\n');
    expect(asked()).toEqual([true, false]);
  });

  it('gives nothing where there is none, or no builder any more', async () => {
    world.builders.consoles.clear();
    expect(await consoleOf(id)).toBeUndefined();
    world.ec2.instances = [];
    expect(await consoleOf(id)).toBeUndefined();
  });

  it.each([ec2Error('RequestLimitExceeded'), ec2Error('InternalError'), connectionLost()])(
    '%s: thrown',
    async (error) => {
      world.calls.faults = once({ when: 'before', how: 'throws', error });
      await expect(consoleOf(id)).rejects.toBe(error);
    },
  );
});
