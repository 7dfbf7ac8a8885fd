import { UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-available/roll-out.ts';
import { stopClock } from '../../support/clock.ts';
import { ami, available, RolloutWorld, TEMPLATE } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
  world.has(1, 2);
  world.follower();
});
const rollOut = async () => expect(await deliver(handler, [available()])).toEqual([]);
const template = (Version?: string) => ({
  LaunchTemplateId: TEMPLATE,
  LaunchTemplateName: 'web',
  ...(Version && { Version }),
});
const updates = () => world.groups.inputs(UpdateAutoScalingGroupCommand);
const refreshed = () =>
  world.executions.map((input) => (input as { autoScalingGroupName: string }).autoScalingGroupName);

describe('a group of the template', () => {
  it.each(['$Default', '$Latest', undefined])(
    'on %s is first given the number that this means now',
    async (version) => {
      world.templates.grow(TEMPLATE, { ImageId: ami(1) });
      world.templates.reset(TEMPLATE, 1);
      world.groups.add({ LaunchTemplate: template(version) });
      await rollOut();
      const Version = version === '$Latest' ? '2' : '1';
      expect(updates()).toEqual([
        { AutoScalingGroupName: 'web', LaunchTemplate: { LaunchTemplateId: TEMPLATE, Version } },
      ]);
      expect(world.changes).toEqual([
        'UpdateAutoScalingGroup',
        'CreateLaunchTemplateVersion',
        'ModifyLaunchTemplate',
        'StartExecution',
      ]);
    },
  );

  it('on a number stays as it is', async () => {
    world.groups.add({ LaunchTemplate: template('1') });
    await rollOut();
    expect(updates()).toEqual([]);
    expect(refreshed()).toEqual(['web']);
  });

  it('gets one execution, which knows everything', async () => {
    world.groups.add();
    await rollOut();
    expect(world.executions).toEqual([
      {
        kind: 'out',
        launchTemplateId: TEMPLATE,
        version: 2,
        imageId: ami(2),
        previousVersion: 1,
        previousImageId: ami(1),
        instanceName: 'service-api',
        requestId: 'request-2',
        autoScalingGroupName: 'web',
      },
    ]);
    await rollOut();
    expect(world.executions).toHaveLength(1);
  });

  it('gets another one for each version', async () => {
    world.groups.add();
    await rollOut();
    world.has(3);
    await rollOut();
    expect(world.executions).toMatchObject([{ version: 2 }, { version: 3 }]);
    expect(updates()).toHaveLength(1);
  });

  it('is one of many, with names as long as they may be: each has its own', async () => {
    const names = ['a', 'b', 'c'].map((letter) => letter.repeat(255));
    for (const name of names) world.groups.add({ name });
    await rollOut();
    expect(refreshed()).toEqual(names);
  });

  it('is found on the last page', async () => {
    world.groups.pageSize = 2;
    for (const name of ['a', 'b', 'c', 'd', 'e']) world.groups.add({ name });
    await rollOut();
    expect(refreshed()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});

describe('a group that is none of it', () => {
  it.each([
    ['does not want to be refreshed', { tags: {} }],
    ['says no', { tags: { 'amity:refresh': 'false' } }],
    ['has another template', { LaunchTemplate: { LaunchTemplateId: 'lt-0000000f', Version: '$Default' } }],
  ])('%s', async (_, facts) => {
    world.groups.add(facts);
    await rollOut();
    expect(world.templates.shown(TEMPLATE).standard).toBe(2);
    expect(updates()).toEqual([]);
    expect(world.executions).toEqual([]);
  });
});

describe('a group of mixed instances', () => {
  const policy = {
    LaunchTemplate: {
      LaunchTemplateSpecification: template('$Default'),
      Overrides: [
        { InstanceType: 't3.small', WeightedCapacity: '1' },
        {
          InstanceType: 'm7g.large',
          LaunchTemplateSpecification: {
            LaunchTemplateId: 'lt-0000000a',
            LaunchTemplateName: 'arm',
            Version: '$Latest',
          },
        },
        {
          InstanceType: 'm7g.xlarge',
          LaunchTemplateSpecification: {
            LaunchTemplateId: 'lt-0000000a',
            LaunchTemplateName: 'arm',
            Version: '1',
          },
        },
      ],
    },
    InstancesDistribution: { OnDemandBaseCapacity: 1, SpotAllocationStrategy: 'price-capacity-optimized' },
  };

  it('is given numbers in its whole policy, and templates by their ids', async () => {
    world.templates.add({ id: 'lt-0000000a', data: { ImageId: ami(1) } });
    world.templates.grow('lt-0000000a', { ImageId: ami(1) });
    world.groups.add({ MixedInstancesPolicy: policy });
    await rollOut();
    const arm = (Version: string) => ({ LaunchTemplateId: 'lt-0000000a', Version });
    expect(updates()).toEqual([
      {
        AutoScalingGroupName: 'web',
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: { LaunchTemplateId: TEMPLATE, Version: '1' },
            Overrides: [
              { InstanceType: 't3.small', WeightedCapacity: '1' },
              { InstanceType: 'm7g.large', LaunchTemplateSpecification: arm('2') },
              { InstanceType: 'm7g.xlarge', LaunchTemplateSpecification: arm('1') },
            ],
          },
          InstancesDistribution: policy.InstancesDistribution,
        },
      },
    ]);
    expect(refreshed()).toEqual(['web']);
  });

  it('that has the template in an override alone is refreshed too', async () => {
    world.templates.add({ id: 'lt-0000000a', data: { ImageId: ami(1) } });
    world.follower({ id: 'lt-0000000b' });
    const arm = { LaunchTemplateId: 'lt-0000000b', LaunchTemplateName: 'arm', Version: '1' };
    world.groups.add({
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { ...arm, LaunchTemplateId: 'lt-0000000a' },
          Overrides: [{ InstanceType: 'm7g.large', LaunchTemplateSpecification: arm }],
        },
      },
    });
    await rollOut();
    expect(world.executions).toMatchObject([{ launchTemplateId: 'lt-0000000b' }]);
  });
});

describe('a group that comes later', () => {
  it('is pinned and refreshed by the next look, and told of no second rollout', async () => {
    await rollOut();
    world.groups.add({ LaunchTemplate: template('$Default') });
    await rollOut();
    expect(refreshed()).toEqual(['web']);
    expect(world.groups.group('web').LaunchTemplate).toEqual({ LaunchTemplateId: TEMPLATE, Version: '2' });
    expect(world.bus.published).toHaveLength(1);
  });

  it('and is at the version already is left alone', async () => {
    await rollOut();
    world.groups.add({ LaunchTemplate: template('2') });
    await rollOut();
    expect(world.executions).toEqual([]);
    expect(updates()).toEqual([]);
  });
});
