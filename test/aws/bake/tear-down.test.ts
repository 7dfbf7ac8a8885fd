import { beforeEach, describe, expect, it } from 'vitest';
import { runBuilder } from '../../../shared/aws/bake/run-builder.ts';
import { tearDown } from '../../../shared/aws/bake/tear-down.ts';
import { BASE_IMAGE, spec } from '../../support/bake-record.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { times } from '../../support/calls.ts';

let world: BakeWorld;
beforeEach(() => {
  world = new BakeWorld();
});
const starts = (bake = 'bake-1') =>
  runBuilder({
    bake,
    requestId: 'one',
    instanceName: 'service-web',
    imageId: BASE_IMAGE,
    spec: spec(),
    disks: [],
    userData: '#!/bin/sh\n',
    deadline: '2025-06-05T15:10:31.000Z',
  });

/** Looks until nothing is left; how often. */
async function looks(): Promise<number> {
  for (let look = 1; look < 20; look += 1) if (await tearDown('bake-1', look)) return look;
  throw new Error('It is still there');
}

describe('tearDown', () => {
  it('terminates the builder, waits until it is gone, and deletes its security group', async () => {
    await starts();
    world.builders.slowness = 2;
    expect(await tearDown('bake-1', 1)).toBe(false);
    expect(world.builders.alive).toEqual([]);
    expect(world.builders.groups).toHaveLength(1);
    await looks();
    expect(world.builders.groups).toEqual([]);
    expect(world.calls.count('TerminateInstances')).toBe(1);
  });

  it('touches no other bake', async () => {
    await starts();
    await starts('bake-2');
    await looks();
    expect(world.builders.alive).toEqual(['i-0b111de7000000002']);
    expect(world.builders.groups).toMatchObject([{ GroupName: 'amity-builder-bake-2' }]);
  });

  it('looks three times for a builder that EC2 does not show yet', async () => {
    expect(await tearDown('bake-1', 1)).toBe(false);
    expect(await tearDown('bake-1', 2)).toBe(false);
    await starts();
    expect(await tearDown('bake-1', 3)).toBe(false);
    expect(world.builders.alive).toEqual([]);
    await looks();
  });

  it('of a bake that has started nothing ends', async () => {
    expect(await looks()).toBe(3);
  });

  it('does nothing more to what is gone already', async () => {
    await starts();
    await looks();
    expect(await tearDown('bake-1', 1)).toBe(true);
    expect(world.calls.count('TerminateInstances')).toBe(1);
  });

  it('waits while EC2 counts the security group as in use', async () => {
    await starts();
    await looks();
    world.builders.groups.push({
      GroupId: 'sg-1',
      Tags: [{ Key: 'amity:builder', Value: 'bake-1' }],
    });
    world.builders.add({ id: 'i-other', bake: 'another' }).SecurityGroups = [{ GroupId: 'sg-1' }];
    expect(await tearDown('bake-1', 4)).toBe(false);
    world.ec2.instances.pop();
    expect(await tearDown('bake-1', 5)).toBe(true);
  });

  it.each(['TerminateInstances', 'DeleteSecurityGroup'])('%s lost: the next look goes on', async (name) => {
    await starts();
    world.calls.faults = times(1, name, { when: 'after', how: 'throws' });
    await expect(looks()).rejects.toThrow('socket hang up');
    await looks();
    expect(world.builders.alive).toEqual([]);
    expect(world.builders.groups).toEqual([]);
  });
});
