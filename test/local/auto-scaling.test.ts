import {
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeLaunchConfigurationsCommand,
  type LaunchTemplateSpecification,
  paginateDescribeAutoScalingGroups,
  paginateDescribeLaunchConfigurations,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { describe, expect, it } from 'vitest';
import { Groups, tag } from './groups.ts';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
const groups = new Groups(suite);

const update = (AutoScalingGroupName: string, more: object) =>
  groups.client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...more }));

describe('a group', () => {
  it.each([
    ['a number', { Version: '2' }, 1, '2'],
    ['$Latest', { Version: '$Latest' }, 2, '3'],
    ['$Default', { Version: '$Default' }, 0, '1'],
    ['no version', {}, 0, '1'],
  ])(
    'starts from a template by id or name, with %s, and shows it as given',
    async (_, version, image, number) => {
      const ids = await groups.images('a', 'b', 'c');
      const { LaunchTemplateId, LaunchTemplateName } = await groups.template('web', ...ids);
      const both = { LaunchTemplateId, LaunchTemplateName, ...version };
      await groups.create('by-id', { LaunchTemplate: { LaunchTemplateId, ...version }, DesiredCapacity: 1 });
      await groups.create('by-name', { LaunchTemplate: { LaunchTemplateName, ...version } });
      expect((await groups.find('by-id')).LaunchTemplate).toEqual(both);
      expect((await groups.find('by-name')).LaunchTemplate).toEqual(both);
      expect(await groups.launched('by-id')).toEqual([[ids[image], number]]);
    },
  );

  it('with mixed instances has its template in the policy, and others in its overrides', async () => {
    const ids = await groups.images('a', 'b');
    const base = await groups.template('web', String(ids[0]));
    const arm = await groups.template('arm', String(ids[0]), String(ids[1]));
    const LaunchTemplateSpecification: LaunchTemplateSpecification = {
      LaunchTemplateName: 'arm',
      Version: '2',
    };
    const Overrides = [
      { InstanceType: 't4g.micro', LaunchTemplateSpecification },
      { InstanceType: 't3.micro' },
    ];
    const LaunchTemplate = {
      LaunchTemplateSpecification: { LaunchTemplateId: base.LaunchTemplateId, Version: '$Latest' },
      Overrides,
    };
    await groups.create('mixed', { MixedInstancesPolicy: { LaunchTemplate }, DesiredCapacity: 1 });
    const found = await groups.find('mixed');
    expect(found.LaunchTemplate).toBeUndefined();
    expect(found.MixedInstancesPolicy?.LaunchTemplate).toEqual({
      LaunchTemplateSpecification: { ...base, Version: '$Latest' },
      Overrides: [
        { InstanceType: 't4g.micro', LaunchTemplateSpecification: { ...arm, Version: '2' } },
        { InstanceType: 't3.micro' },
      ],
    });
    expect(await groups.launched('mixed')).toEqual([[ids[1], '2']]);
  });

  it('with a launch configuration starts from its image', async () => {
    const [imageId = ''] = await groups.images('a');
    const LaunchConfigurationName = 'old-web';
    const input = { LaunchConfigurationName, ImageId: imageId, InstanceType: 't3.micro' };
    await groups.client.send(new CreateLaunchConfigurationCommand(input));
    await groups.create('old', { LaunchConfigurationName, DesiredCapacity: 1 });
    expect(await groups.find('old')).toMatchObject({ LaunchConfigurationName });
    expect((await groups.find('old')).LaunchTemplate).toBeUndefined();
    expect(await groups.launched('old')).toEqual([[imageId, undefined]]);
    const answer = await groups.client.send(new DescribeLaunchConfigurationsCommand({}));
    expect(answer.LaunchConfigurations).toEqual([expect.objectContaining(input)]);
  });

  it('can be pinned to another version, and starts nothing from an image that is gone', async () => {
    const [imageId = ''] = await groups.images('a');
    const { LaunchTemplateId } = await groups.template('web', imageId, 'ami-00000000000000001');
    await groups.create('web', { LaunchTemplate: { LaunchTemplateId, Version: '2' }, DesiredCapacity: 1 });
    expect(await groups.launched('web')).toEqual([]);
    const LaunchTemplate = { LaunchTemplateId, Version: '1' };
    await update('web', { LaunchTemplate });
    expect((await groups.find('web')).LaunchTemplate).toMatchObject(LaunchTemplate);
  });

  it.each([
    ['a template that is not there', { LaunchTemplate: { LaunchTemplateName: 'none' } }],
    ['a version that is not there', { LaunchTemplate: { LaunchTemplateName: 'web', Version: '9' } }],
    ['a configuration that is not there', { LaunchConfigurationName: 'none' }],
    ['nothing', {}],
  ])('is refused with %s', async (_, more) => {
    await groups.template('web', 'ami-00000000000000001');
    expect((await errorOf(groups.create('refused', more))).name).toBe('ValidationError');
  });
});

describe('a group that is updated', () => {
  const policy = (LaunchTemplateName: string, Version: string, InstanceType: string) => ({
    LaunchTemplate: {
      LaunchTemplateSpecification: { LaunchTemplateName, Version },
      Overrides: [{ InstanceType }],
    },
    InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 50 },
  });

  it('gets a policy whole, and keeps it when something else changes', async () => {
    await groups.template('web', ...(await groups.images('a', 'b')));
    await groups.create('mixed', { MixedInstancesPolicy: policy('web', '1', 't3.micro') });
    await update('mixed', { MixedInstancesPolicy: policy('web', '2', 't3.large') });
    await update('mixed', { DesiredCapacity: 1 });
    const found = await groups.find('mixed');
    expect(found.MixedInstancesPolicy).toMatchObject(policy('web', '2', 't3.large'));
    expect(found.LaunchTemplate).toBeUndefined();
    expect(found.Instances).toMatchObject([{ InstanceType: 't3.large', LaunchTemplate: { Version: '2' } }]);
  });

  it('counts an instance for as much as its override says', async () => {
    await groups.template('web', ...(await groups.images('a')));
    const LaunchTemplateSpecification = { LaunchTemplateName: 'web', Version: '1' };
    const Overrides = [{ InstanceType: 't3.large' as const, WeightedCapacity: '2' }];
    const MixedInstancesPolicy = { LaunchTemplate: { LaunchTemplateSpecification, Overrides } };
    await groups.create('weighted', { MixedInstancesPolicy, DesiredCapacity: 5 });
    const ids = async () => (await groups.find('weighted')).Instances?.map((each) => each.InstanceId) ?? [];
    const before = await ids();
    expect(before).toHaveLength(3);
    await suite.aws.control.groups.setRefreshSeconds(0.1);
    await groups.startRefresh('weighted', { DesiredConfiguration: { MixedInstancesPolicy } });
    await groups.untilStatus('weighted', 'Successful');
    expect(await ids()).toHaveLength(3);
    expect(before).not.toContain((await ids())[0]);
    await update('weighted', { DesiredCapacity: 2 });
    expect(await ids()).toHaveLength(1);
  });

  it('has a template instead of its policy, and the other way round', async () => {
    await groups.template('web', ...(await groups.images('a')));
    const LaunchTemplate = { LaunchTemplateName: 'web', Version: '1' };
    await groups.create('both', { MixedInstancesPolicy: policy('web', '1', 't3.micro') });
    await update('both', { LaunchTemplate });
    expect((await groups.find('both')).LaunchTemplate).toMatchObject(LaunchTemplate);
    expect((await groups.find('both')).MixedInstancesPolicy).toBeUndefined();
    await update('both', { MixedInstancesPolicy: policy('web', '1', 't3.micro') });
    expect((await groups.find('both')).LaunchTemplate).toBeUndefined();
  });

  it('leaves the instances that it has on what they were started from', async () => {
    const [first, second] = await groups.images('a', 'b');
    await groups.template('web', String(first), String(second));
    const LaunchTemplateName = 'web';
    await groups.create('pinned', { LaunchTemplate: { LaunchTemplateName }, DesiredCapacity: 1 });
    await update('pinned', { LaunchTemplate: { LaunchTemplateName, Version: '2' } });
    expect((await groups.find('pinned')).Instances).toMatchObject([{ LaunchTemplate: { Version: '1' } }]);
    await update('pinned', { DesiredCapacity: 2 });
    expect(await groups.launched('pinned')).toEqual([
      [first, '1'],
      [second, '2'],
    ]);
  });

  it('is refused with a template named twice, and with two things to launch from', async () => {
    const { LaunchTemplateId } = await groups.template('web', 'ami-00000000000000001');
    const LaunchTemplate = { LaunchTemplateId, Version: '1' };
    await groups.create('web', { LaunchTemplate });
    const twice = { LaunchTemplate: { ...LaunchTemplate, LaunchTemplateName: 'web' } };
    expect((await errorOf(update('web', twice))).name).toBe('ValidationError');
    const both = { LaunchTemplate, MixedInstancesPolicy: policy('web', '1', 't3.micro') };
    expect((await errorOf(update('web', both))).name).toBe('ValidationError');
    expect((await errorOf(update('nobody', {}))).message).toContain('AutoScalingGroup name not found');
  });
});

describe('tags', () => {
  const refreshed = { Key: 'amity:refresh', Value: 'true', PropagateAtLaunch: false };

  it('find groups by key, by value and by both, and are shown', async () => {
    const { LaunchTemplateId } = await groups.template('web', 'ami-00000000000000001');
    const LaunchTemplate = { LaunchTemplateId };
    await groups.create('yes', { LaunchTemplate, Tags: [refreshed] });
    await groups.create('no', { LaunchTemplate, Tags: [{ ...refreshed, Value: 'false' }] });
    await groups.create('none', { LaunchTemplate });
    const names = async (Name: string, ...Values: string[]) => {
      const command = new DescribeAutoScalingGroupsCommand({ Filters: [{ Name, Values }] });
      const found = (await groups.client.send(command)).AutoScalingGroups;
      return found?.map((each) => each.AutoScalingGroupName);
    };
    expect(await names('tag:amity:refresh', 'true')).toEqual(['yes']);
    expect(await names('tag:amity:refresh', 'true', 'false')).toEqual(['yes', 'no']);
    expect(await names('tag-key', 'amity:refresh')).toEqual(['yes', 'no']);
    expect(await names('tag-value', 'false')).toEqual(['no']);
    expect((await errorOf(names('name', 'yes'))).name).toBe('ValidationError');
    const shown = { ...refreshed, ResourceId: 'yes', ResourceType: 'auto-scaling-group' };
    expect((await groups.find('yes')).Tags).toEqual([shown]);
  });

  it('of an instance are its group, and those that the group and the template give it', async () => {
    const [ImageId = ''] = await groups.images('a');
    await groups.template('web', ImageId);
    const Tags = [
      { Key: 'Name', Value: 'of the template' },
      { Key: 'owner', Value: 'me' },
    ];
    const data = { ImageId, TagSpecifications: [{ ResourceType: 'instance', Tags }] };
    await groups.addVersion('web', data);
    await groups.create('tagged', {
      LaunchTemplate: { LaunchTemplateName: 'web', Version: '2' },
      DesiredCapacity: 1,
      Tags: [refreshed, { Key: 'Name', Value: 'of the group', PropagateAtLaunch: true }],
    });
    const [instance = {}] = await groups.instances('tagged');
    expect(tag(instance, 'aws:autoscaling:groupName')).toBe('tagged');
    expect(tag(instance, 'Name')).toBe('of the group');
    expect(tag(instance, 'owner')).toBe('me');
    expect(tag(instance, 'amity:refresh')).toBeUndefined();
  });
});

describe('pages', () => {
  it('of groups and launch configurations have 50 items unless told, and at most 100', async () => {
    const { LaunchTemplateId } = await groups.template('web', 'ami-00000000000000001');
    for (let i = 0; i < 103; i += 1)
      await groups.create(`group-${i}`, { LaunchTemplate: { LaunchTemplateId } });
    for (let i = 0; i < 52; i += 1) {
      const input = { LaunchConfigurationName: `lc-${i}`, ImageId: 'ami-1', InstanceType: 't3.micro' };
      await groups.client.send(new CreateLaunchConfigurationCommand(input));
    }
    const sizes: number[] = [];
    for await (const page of paginateDescribeAutoScalingGroups({ client: groups.client, pageSize: 100 }, {}))
      sizes.push(page.AutoScalingGroups?.length ?? 0);
    for await (const page of paginateDescribeLaunchConfigurations({ client: groups.client }, {}))
      sizes.push(page.LaunchConfigurations?.length ?? 0);
    expect(sizes).toEqual([100, 3, 50, 2]);
    const describeWith = (input: object) =>
      errorOf(groups.client.send(new DescribeAutoScalingGroupsCommand(input)));
    expect((await describeWith({ MaxRecords: 101 })).name).toBe('ValidationError');
    expect((await describeWith({ NextToken: 'nonsense' })).name).toBe('InvalidNextToken');
  });
});
