import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, expect, it } from 'vitest';
import { usedByInstances } from '../../../shared/aws/uses/instances.ts';
import { CleanUpWorld } from '../../support/clean-up-world.ts';

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
});

it.each([
  ['pending', true],
  ['running', true],
  ['shutting-down', true],
  ['stopping', true],
  ['stopped', true],
  ['terminated', false],
] as const)('an instance that is %s uses its image: %s', async (state, uses) => {
  world.home.uses.instance('ami-1', state);
  expect((await usedByInstances('us-east-1')).has('ami-1')).toBe(uses);
});

it('names each instance, by its image', async () => {
  world.home.uses.instance('ami-1', 'running', 'i-1');
  world.home.uses.instance('ami-2', 'stopped', 'i-2');
  world.home.uses.instance('ami-1', 'stopped', 'i-3');
  world.region('eu-west-1').uses.instance('ami-1', 'running', 'i-4');
  expect(await usedByInstances('us-east-1')).toEqual(
    new Map([
      ['ami-1', ['instance/i-1', 'instance/i-3']],
      ['ami-2', ['instance/i-2']],
    ]),
  );
});

it('paginates', async () => {
  for (const id of ['i-1', 'i-2', 'i-3']) world.home.uses.instance(`ami-of-${id}`, 'running', id);
  world.home.pageSize = 1;
  expect((await usedByInstances('us-east-1')).size).toBe(3);
  expect(world.inputs(DescribeInstancesCommand).map(({ MaxResults }) => MaxResults)).toEqual([
    1000, 1000, 1000,
  ]);
});
