import {
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
} from '@aws-sdk/client-auto-scaling';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  cancelRefresh,
  type Group,
  refreshableGroup,
  refreshableGroups,
  refreshOf,
  startRefresh,
} from '../../../shared/aws/rollout/groups.ts';
import { once } from '../../support/calls.ts';
import { scalingError } from '../../support/fake-groups.ts';
import { RolloutWorld, TEMPLATE } from '../../support/rollout-world.ts';

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
});
const launchTemplate = { LaunchTemplateId: TEMPLATE, Version: '1' };
const web: Group = { name: 'web', tags: {}, launchTemplate, policy: undefined };
const add = (name = 'web', refresh = 'true') =>
  world.groups.add({ name, tags: { 'amity:refresh': refresh }, LaunchTemplate: launchTemplate });
const names = (groups: readonly Group[]) => groups.map(({ name }) => name);

describe('groups that want to be refreshed', () => {
  it('are found by their tag alone', async () => {
    add('a');
    add('b', 'false');
    world.groups.add({ name: 'c', tags: { Name: 'true' } });
    expect(await refreshableGroups()).toEqual([
      { name: 'a', tags: { 'amity:refresh': 'true' }, launchTemplate, policy: undefined },
    ]);
    expect(world.groups.inputs(DescribeAutoScalingGroupsCommand)).toMatchObject([
      { Filters: [{ Name: 'tag:amity:refresh', Values: ['true'] }] },
    ]);
  });

  it('paginates', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) add(name);
    world.groups.pageSize = 2;
    expect(names(await refreshableGroups())).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(world.calls.names).toHaveLength(3);
  });

  it('are looked at one by one, too', async () => {
    add();
    add('b', 'false');
    expect(await refreshableGroup('web')).toMatchObject({ name: 'web' });
    expect(await refreshableGroup('b')).toBeUndefined();
    expect(await refreshableGroup('gone')).toBeUndefined();
  });
});

describe('a refresh of a group', () => {
  it('is the one with the id, or the newest', async () => {
    add();
    expect(await refreshOf('web')).toBeUndefined();
    const first = await startRefresh(web, web, {});
    world.groups.end('web', 'Failed');
    const second = await startRefresh(web, web, {});
    expect(await refreshOf('web')).toMatchObject({ InstanceRefreshId: second });
    expect(await refreshOf('web', first)).toMatchObject({ InstanceRefreshId: first, Status: 'Failed' });
    expect(await refreshOf('web', 'another')).toBeUndefined();
    // The service refuses a page size next to ids.
    expect(world.groups.inputs(DescribeInstanceRefreshesCommand)[2]).toEqual({
      AutoScalingGroupName: 'web',
      InstanceRefreshIds: [first],
    });
  });

  it('is cancelled; one that is over meanwhile is as good', async () => {
    add();
    await startRefresh(web, web, {});
    await cancelRefresh('web');
    expect(await refreshOf('web')).toMatchObject({ Status: 'Cancelling' });
    world.groups.end('web', 'Cancelled');
    await cancelRefresh('web');
  });

  it('that cannot be cancelled is an error', async () => {
    add();
    world.calls.faults = once({
      when: 'before',
      how: 'throws',
      error: scalingError('no', 'AccessDenied', 403),
    });
    await expect(cancelRefresh('web')).rejects.toThrow('no');
  });
});
