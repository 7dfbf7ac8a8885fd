import { DescribeLaunchTemplatesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, expect, it } from 'vitest';
import { followerById, followers } from '../../../shared/aws/rollout/followers.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { RolloutWorld, TEMPLATE } from '../../support/rollout-world.ts';

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
});
const ids = async (name?: string) => (await followers(name)).map(({ templateId }) => templateId);
const add = (letter: string, name = 'service-api') =>
  world.templates.add({ id: `lt-0000000${letter}`, tags: { 'amity:follow': name } });

it('reads what the tags ask for', async () => {
  world.follower({
    tags: { 'amity:include-backups': 'true', 'amity:security-group-ids': 'sg-0000000a sg-0000000b' },
  });
  expect(await followers('service-api')).toEqual([
    {
      templateId: TEMPLATE,
      instanceName: 'service-api',
      includesBackups: true,
      securityGroupIds: ['sg-0000000a', 'sg-0000000b'],
    },
  ]);
});

it('finds those of a name alone, or all', async () => {
  add('a');
  add('b', 'service-api-2');
  add('c', '');
  world.templates.add({ id: 'lt-0000000d', tags: { Name: 'service-api' } });
  expect(await ids('service-api')).toEqual(['lt-0000000a']);
  expect(await ids()).toEqual(['lt-0000000a', 'lt-0000000b']);
});

it.each(['*', 'service-*', 'service-ap?', 'service\\api'])('%s is a name, not a pattern', async (name) => {
  add('a');
  add('b', name);
  expect(await ids(name)).toEqual(['lt-0000000b']);
});

it('paginates', async () => {
  const all = ['a', 'b', 'c', 'd', 'e'].map((letter) => add(letter));
  world.templates.pageSize = 2;
  expect(await ids('service-api')).toEqual(all);
  expect(await ids()).toEqual(all);
  expect(world.inputs(DescribeLaunchTemplatesCommand)).toHaveLength(6);
});

it('finds one by its id: nothing, where it is gone, or follows nobody', async () => {
  world.follower();
  world.templates.add({ id: 'lt-0000000d' });
  expect(await followerById(TEMPLATE)).toMatchObject({ templateId: TEMPLATE });
  expect(await followerById('lt-0000000d')).toBeUndefined();
  expect(await followerById('lt-0000000f')).toBeUndefined();
  world.calls.faults = once({ when: 'before', how: 'throws', error: ec2Error('UnauthorizedOperation') });
  await expect(followerById(TEMPLATE)).rejects.toThrow('UnauthorizedOperation');
});
