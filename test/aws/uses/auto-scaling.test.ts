import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { beforeEach, describe, expect, it } from 'vitest';
import { groupChoices } from '../../../shared/aws/uses/auto-scaling.ts';
import { CleanUpWorld } from '../../support/clean-up-world.ts';

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
});

const group = (name: string, facts: Partial<AutoScalingGroup>) =>
  world.home.uses.groups.push({
    AutoScalingGroupName: name,
    MinSize: 0,
    MaxSize: 1,
    DesiredCapacity: 1,
    DefaultCooldown: 300,
    AvailabilityZones: [],
    HealthCheckType: 'EC2',
    CreatedTime: new Date(0),
    ...facts,
  });
const user = 'autoScalingGroup/web';

describe('the templates of groups', () => {
  it.each([
    ['a number', { LaunchTemplateId: 'lt-1', Version: '3' }, { templateId: 'lt-1', version: '3' }],
    [
      'a name',
      { LaunchTemplateName: 'web', Version: '$Latest' },
      { templateName: 'web', version: '$Latest' },
    ],
    ['no version', { LaunchTemplateId: 'lt-1' }, { templateId: 'lt-1', version: '$Default' }],
  ])('chosen by %s', async (_, LaunchTemplate, choice) => {
    group('web', { LaunchTemplate });
    expect((await groupChoices('us-east-1')).templates).toMatchObject([{ ...choice, user }]);
  });

  it('of mixed instances, their overrides too', async () => {
    group('web', {
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: '1' },
          Overrides: [
            {
              InstanceType: 'm7g.large',
              LaunchTemplateSpecification: { LaunchTemplateId: 'lt-2', Version: '2' },
            },
            { InstanceType: 'm7i.large' },
            { ImageId: 'ami-override' },
          ],
        },
      },
    });
    const { templates, users } = await groupChoices('us-east-1');
    expect(templates).toMatchObject([
      { templateId: 'lt-1', version: '1', user },
      { templateId: 'lt-2', version: '2', user },
    ]);
    expect(users).toEqual(new Map([['ami-override', [`${user} (override)`]]]));
  });
});

describe('launch configurations', () => {
  const configuration = (LaunchConfigurationName: string, ImageId: string) =>
    world.home.uses.configurations.push({
      LaunchConfigurationName,
      ImageId,
      InstanceType: 't3.micro',
      CreatedTime: new Date(0),
    });

  it('use their image where a group uses them', async () => {
    configuration('web-1', 'ami-1');
    configuration('of-nobody', 'ami-2');
    group('web', { LaunchConfigurationName: 'web-1' });
    expect((await groupChoices('us-east-1')).users).toEqual(
      new Map([['ami-1', [`${user} (launch configuration)`]]]),
    );
  });

  it('are not read where no group has one', async () => {
    configuration('of-nobody', 'ami-2');
    group('web', { LaunchTemplate: { LaunchTemplateId: 'lt-1' } });
    await groupChoices('us-east-1');
    expect(world.calls.names).toEqual(['DescribeAutoScalingGroups']);
  });

  it('paginates', async () => {
    for (const name of ['a', 'b', 'c']) {
      configuration(name, `ami-${name}`);
      group(name, { LaunchConfigurationName: name });
    }
    world.home.pageSize = 1;
    expect([...(await groupChoices('us-east-1')).users.keys()]).toEqual(['ami-a', 'ami-b', 'ami-c']);
    expect(world.calls.count('DescribeAutoScalingGroups')).toBe(3);
    expect(world.calls.count('DescribeLaunchConfigurations')).toBe(3);
  });
});
