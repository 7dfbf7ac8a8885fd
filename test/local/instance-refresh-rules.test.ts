import {
  DescribeInstanceRefreshesCommand,
  type DescribeInstanceRefreshesCommandInput,
  paginateDescribeInstanceRefreshes,
  type RefreshPreferences,
} from '@aws-sdk/client-auto-scaling';
import { describe, expect, it } from 'vitest';
import { Groups } from './groups.ts';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
const groups = new Groups(suite);
const LaunchTemplateName = 'web';
const to = (Version?: string, name = LaunchTemplateName) => ({
  LaunchTemplate: { LaunchTemplateName: name, ...(Version && { Version }) },
});

async function createWeb(Version = '1', ...more: string[]): Promise<void> {
  const images = await groups.images('old', 'new');
  await groups.template(LaunchTemplateName, ...images, ...more);
  await groups.create('web', { ...to(Version), DesiredCapacity: 1 });
}

const refusal = async (...input: Parameters<Groups['startRefresh']>) =>
  errorOf(groups.startRefresh(...input));

describe('StartInstanceRefresh', () => {
  it('is refused while another is active, and for a group that is not there', async () => {
    await createWeb();
    await groups.startRefresh('web');
    expect((await refusal('web')).name).toBe('InstanceRefreshInProgressFault');
    const unknown = await refusal('nobody');
    expect(unknown.name).toBe('ValidationError');
    expect(unknown.message).toContain('AutoScalingGroup name not found');
  });

  it.each([
    ['a template that is not there', to('1', 'none')],
    ['a version that is not there', to('9')],
    ['a template by its id and name', { LaunchTemplate: { LaunchTemplateId: 'lt-1', LaunchTemplateName } }],
    ['no template', { LaunchTemplate: { Version: '1' } }],
    [
      'a policy without a template',
      { MixedInstancesPolicy: { InstancesDistribution: { OnDemandBaseCapacity: 1 } } },
    ],
    [
      'a template and a policy',
      {
        ...to('2'),
        MixedInstancesPolicy: { LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateName } } },
      },
    ],
  ])('is refused with %s', async (_, DesiredConfiguration) => {
    await createWeb();
    expect((await refusal('web', { DesiredConfiguration })).name).toBe('ValidationError');
  });

  const refused: [string, RefreshPreferences][] = [
    ['MinHealthyPercentage', { MinHealthyPercentage: 101 }],
    ['MinHealthyPercentage', { MinHealthyPercentage: -1 }],
    ['MaxHealthyPercentage', { MinHealthyPercentage: 90, MaxHealthyPercentage: 99 }],
    ['MinHealthyPercentage', { MaxHealthyPercentage: 110 }],
    ['greater than 100', { MinHealthyPercentage: 50, MaxHealthyPercentage: 151 }],
    ['CheckpointPercentages', { CheckpointPercentages: [0, 100] }],
    ['CheckpointPercentages', { CheckpointPercentages: [101] }],
    ['CheckpointPercentages', { CheckpointPercentages: [50, 20] }],
    ['CheckpointPercentages', { CheckpointPercentages: [50, 50] }],
    ['CheckpointPercentages', { CheckpointDelay: 60 }],
    ['CheckpointDelay', { CheckpointPercentages: [50], CheckpointDelay: 172_801 }],
    ['InstanceWarmup', { InstanceWarmup: -1 }],
    ['StandbyInstances', { StandbyInstances: 'Refresh' as never }],
  ];
  it.each(refused)('names %s when it refuses %j', async (name, Preferences) => {
    await createWeb();
    const error = await refusal('web', { Preferences });
    expect(error.name).toBe('ValidationError');
    expect(error.message.toLowerCase()).toContain(name.toLowerCase());
  });

  it.each([
    ['without a desired configuration', '1', undefined],
    ['while the group is on $Latest', '$Latest', to('2')],
    ['while the group is on $Default', '$Default', to('2')],
    ['to $Latest', '1', to('$Latest')],
    ['to no version', '1', to()],
    ['to a parameter', '1', to('3')],
    ['from a parameter', '3', to('2')],
  ])('with auto rollback is refused %s', async (_, from, DesiredConfiguration) => {
    await createWeb(from, 'resolve:ssm:/images/web');
    const Preferences = { AutoRollback: true };
    const error = await refusal('web', {
      Preferences,
      ...(DesiredConfiguration && { DesiredConfiguration }),
    });
    expect(error.name).toBe('ValidationError');
    expect(error.message).toContain('The AutoRollback parameter cannot be set to true when');
    await groups.startRefresh('web', { ...(DesiredConfiguration && { DesiredConfiguration }) });
  });

  it('fills in the preferences', async () => {
    await createWeb();
    await groups.startRefresh('web', { Preferences: { SkipMatching: true } });
    expect((await groups.refresh('web')).Preferences).toEqual({
      MinHealthyPercentage: 90,
      InstanceWarmup: 300,
      SkipMatching: true,
      AutoRollback: false,
      ScaleInProtectedInstances: 'Wait',
      StandbyInstances: 'Wait',
    });
  });
});

describe('DescribeInstanceRefreshes', () => {
  it('has the newest first, by id or page by page', async () => {
    await suite.aws.control.groups.setRefreshSeconds(0);
    await createWeb();
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      ids.unshift(await groups.startRefresh('web'));
      await groups.untilStatus('web', 'Successful');
    }
    const AutoScalingGroupName = 'web';
    const describeWith = async (input: Partial<DescribeInstanceRefreshesCommandInput>) => {
      const command = new DescribeInstanceRefreshesCommand({ AutoScalingGroupName, ...input });
      return (await groups.client.send(command)).InstanceRefreshes?.map((each) => each.InstanceRefreshId);
    };
    expect(await describeWith({})).toEqual(ids);
    expect(await describeWith({ InstanceRefreshIds: ids.slice(1, 2) })).toEqual(ids.slice(1, 2));
    const pages = paginateDescribeInstanceRefreshes(
      { client: groups.client, pageSize: 2 },
      { AutoScalingGroupName },
    );
    const sizes: number[] = [];
    for await (const page of pages) sizes.push(page.InstanceRefreshes?.length ?? 0);
    expect(sizes).toEqual([2, 1]);
    expect((await errorOf(describeWith({ MaxRecords: 101 }))).name).toBe('ValidationError');
    expect((await errorOf(describeWith({ NextToken: 'nonsense' }))).name).toBe('InvalidNextToken');
    expect((await errorOf(describeWith({ AutoScalingGroupName: 'nobody' }))).name).toBe('ValidationError');
  });
});

describe('another region', () => {
  it('has groups and refreshes of its own', async () => {
    const elsewhere = new Groups(suite, 'eu-west-1');
    await suite.aws.control.groups.setRefreshSeconds(0.2);
    await createWeb();
    const images = await elsewhere.images('old', 'new');
    await elsewhere.template(LaunchTemplateName, ...images);
    await elsewhere.create('web', { ...to('1'), DesiredCapacity: 1 });
    await elsewhere.startRefresh('web', { DesiredConfiguration: to('2') });
    await elsewhere.untilStatus('web', 'Successful');
    expect(await elsewhere.launched('web')).toEqual([[images[1], '2']]);
    expect((await errorOf(groups.refresh('web'))).message).toBe('No refresh of web');
    expect((await groups.find('web')).LaunchTemplate?.Version).toBe('1');
  });
});
