import { CreateSecurityGroupCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { closedGroup, deleteGroups, deleteOverdueGroups } from '../../../shared/aws/bake/network.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { once } from '../../support/calls.ts';
import { NOW } from '../../support/events.ts';

let world: BakeWorld;
beforeEach(() => {
  world = new BakeWorld();
});
const deadline = NOW.toISOString();
const group = (subnetId?: string, bake = 'bake-1') => closedGroup({ bake, subnetId, deadline });
const groupIds = () => world.builders.groups.map(({ GroupId }) => GroupId);

describe('closedGroup', () => {
  it('makes a group with no rule of its own, tagged in the same call', async () => {
    expect(await group()).toBe('sg-00000001');
    expect(world.ec2.mock.commandCalls(CreateSecurityGroupCommand)[0]?.args[0].input).toEqual({
      GroupName: 'amity-builder-bake-1',
      Description: 'Amity: a builder that nobody reaches',
      VpcId: undefined,
      TagSpecifications: [
        {
          ResourceType: 'security-group',
          Tags: [
            { Key: 'amity:builder', Value: 'bake-1' },
            { Key: 'amity:deadline', Value: deadline },
          ],
        },
      ],
    });
  });

  it('makes it once for a bake, and one for each VPC of its subnets', async () => {
    expect(await group('subnet-0000000a')).toBe('sg-00000001');
    expect(await group('subnet-0000000b')).toBe('sg-00000001');
    expect(await group('subnet-0000000c')).toBe('sg-00000002');
    expect(await group('subnet-0000000c')).toBe('sg-00000002');
    expect(world.builders.groups.map(({ VpcId }) => VpcId)).toEqual(['vpc-0000000a', 'vpc-0000000c']);
  });

  it('makes one for each bake', async () => {
    await group();
    expect(await group(undefined, 'bake-2')).toBe('sg-00000002');
  });

  it('looks through every page', async () => {
    world.builders.pageSize = 1;
    await group('subnet-0000000a');
    await group('subnet-0000000c');
    expect(await group('subnet-0000000c')).toBe('sg-00000002');
  });

  it('finds the one that EC2 has, and does not show yet', async () => {
    await group();
    const made = world.builders.groups;
    world.calls.before('DescribeSecurityGroups', () => {
      world.builders.groups = [];
      world.calls.before('CreateSecurityGroup', () => {
        world.builders.groups = made;
      });
    });
    expect(await group()).toBe('sg-00000001');
  });

  it.each(['UnauthorizedOperation', 'SecurityGroupLimitExceeded'])('%s: thrown', async (name) => {
    const error = ec2Error(name);
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'CreateSecurityGroup' });
    await expect(group()).rejects.toBe(error);
  });
});

describe('deleteGroups', () => {
  it('deletes those of a bake, on every page, and no other', async () => {
    world.builders.pageSize = 1;
    await group('subnet-0000000a');
    await group('subnet-0000000c');
    await group('subnet-0000000a', 'bake-2');
    expect(await deleteGroups('bake-1')).toBe(true);
    expect(groupIds()).toEqual(['sg-00000003']);
    expect(await deleteGroups('bake-1')).toBe(true);
  });

  it('says no while EC2 counts one as in use, and deletes the others', async () => {
    await group('subnet-0000000a');
    await group('subnet-0000000c');
    world.builders.add().SecurityGroups = [{ GroupId: 'sg-00000001' }];
    expect(await deleteGroups('bake-1')).toBe(false);
    expect(groupIds()).toEqual(['sg-00000001']);
  });

  it('one that is gone meanwhile is as good', async () => {
    await group();
    world.calls.before('DeleteSecurityGroup', () => {
      world.builders.groups = [];
    });
    expect(await deleteGroups('bake-1')).toBe(true);
  });

  it('UnauthorizedOperation: thrown', async () => {
    await group();
    const error = ec2Error('UnauthorizedOperation');
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'DeleteSecurityGroup' });
    await expect(deleteGroups('bake-1')).rejects.toBe(error);
  });
});

describe('deleteOverdueGroups', () => {
  const at = (ms: number) => new Date(NOW.getTime() + ms);

  it('deletes those whose deadline is over', async () => {
    await group();
    await group(undefined, 'bake-2');
    await deleteOverdueGroups(at(0));
    expect(groupIds()).toEqual(['sg-00000001', 'sg-00000002']);
    await deleteOverdueGroups(at(1));
    expect(groupIds()).toEqual([]);
  });

  it('leaves those that are still in use, those without a deadline, and those of others', async () => {
    await group();
    world.builders.add().SecurityGroups = [{ GroupId: 'sg-00000001' }];
    world.builders.groups.push(
      { GroupId: 'sg-0000000d', Tags: [{ Key: 'amity:builder', Value: 'bake-3' }] },
      { GroupId: 'sg-0000000e', Tags: [{ Key: 'amity:deadline', Value: deadline }] },
    );
    await deleteOverdueGroups(at(1));
    expect(groupIds()).toEqual(['sg-00000001', 'sg-0000000d', 'sg-0000000e']);
  });
});
