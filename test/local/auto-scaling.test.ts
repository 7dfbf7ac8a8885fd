import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeLaunchConfigurationsCommand,
  type LaunchTemplateSpecification,
  paginateDescribeAutoScalingGroups,
  paginateDescribeLaunchConfigurations,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeInstancesCommand,
} from '@aws-sdk/client-ec2';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
let client: AutoScalingClient;
beforeAll(() => {
  client = new AutoScalingClient({ ...suite.aws.clientConfig, maxAttempts: 1 });
});

/** A template with an image in each of its versions; the first stays the default. */
async function template(LaunchTemplateName: string, ...images: string[]) {
  const [first, ...later] = images.map((ImageId) => ({ ImageId, InstanceType: 't3.micro' as const }));
  const { LaunchTemplate } = await suite.ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: first }),
  );
  for (const LaunchTemplateData of later)
    await suite.ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName, LaunchTemplateData }));
  return { LaunchTemplateId: String(LaunchTemplate?.LaunchTemplateId), LaunchTemplateName };
}

const create = (AutoScalingGroupName: string, more: Partial<CreateAutoScalingGroupCommandInput>) =>
  client.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName,
      MinSize: 0,
      MaxSize: 2,
      AvailabilityZones: ['us-east-1a'],
      ...more,
    }),
  );

async function group(name: string) {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
  const found = (await client.send(command)).AutoScalingGroups?.[0];
  if (!found) throw new Error(`No group ${name}`);
  return found;
}

async function launched(name: string) {
  const ids = (await group(name)).Instances?.map((each) => String(each.InstanceId)) ?? [];
  const { Reservations = [] } = await suite.ec2.send(new DescribeInstancesCommand({ InstanceIds: ids }));
  const instances = Reservations.flatMap((each) => each.Instances ?? []);
  return instances.map((each) => [
    each.ImageId,
    each.Tags?.find(({ Key }) => Key === 'aws:ec2launchtemplate:version')?.Value,
  ]);
}

async function images(...names: string[]): Promise<string[]> {
  return Promise.all(names.map(async (name) => (await suite.aws.control.addImage({ name })).imageId));
}

describe('a group', () => {
  it.each([
    ['a number', { Version: '2' }, 1, '2'],
    ['$Latest', { Version: '$Latest' }, 2, '3'],
    ['$Default', { Version: '$Default' }, 0, '1'],
    ['no version', {}, 0, '1'],
  ])(
    'starts from a template by id or name, with %s, and shows it as given',
    async (_, version, image, number) => {
      const ids = await images('a', 'b', 'c');
      const { LaunchTemplateId, LaunchTemplateName } = await template('web', ...ids);
      const both = { LaunchTemplateId, LaunchTemplateName, ...version };
      await create('by-id', { LaunchTemplate: { LaunchTemplateId, ...version }, DesiredCapacity: 1 });
      await create('by-name', { LaunchTemplate: { LaunchTemplateName, ...version } });
      expect((await group('by-id')).LaunchTemplate).toEqual(both);
      expect((await group('by-name')).LaunchTemplate).toEqual(both);
      expect(await launched('by-id')).toEqual([[ids[image], number]]);
    },
  );

  it('with mixed instances has its template in the policy, and others in its overrides', async () => {
    const ids = await images('a', 'b');
    const base = await template('web', String(ids[0]));
    const arm = await template('arm', String(ids[0]), String(ids[1]));
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
    await create('mixed', { MixedInstancesPolicy: { LaunchTemplate }, DesiredCapacity: 1 });
    const found = await group('mixed');
    expect(found.LaunchTemplate).toBeUndefined();
    expect(found.MixedInstancesPolicy?.LaunchTemplate).toEqual({
      LaunchTemplateSpecification: { ...base, Version: '$Latest' },
      Overrides: [
        { InstanceType: 't4g.micro', LaunchTemplateSpecification: { ...arm, Version: '2' } },
        { InstanceType: 't3.micro' },
      ],
    });
    expect(await launched('mixed')).toEqual([[ids[1], '2']]);
  });

  it('with a launch configuration starts from its image', async () => {
    const [imageId = ''] = await images('a');
    const LaunchConfigurationName = 'old-web';
    const input = { LaunchConfigurationName, ImageId: imageId, InstanceType: 't3.micro' };
    await client.send(new CreateLaunchConfigurationCommand(input));
    await create('old', { LaunchConfigurationName, DesiredCapacity: 1 });
    expect(await group('old')).toMatchObject({ LaunchConfigurationName });
    expect((await group('old')).LaunchTemplate).toBeUndefined();
    expect(await launched('old')).toEqual([[imageId, undefined]]);
    const answer = await client.send(new DescribeLaunchConfigurationsCommand({}));
    expect(answer.LaunchConfigurations).toEqual([expect.objectContaining(input)]);
  });

  it('can be pinned to another version, and starts nothing from an image that is gone', async () => {
    const [imageId = ''] = await images('a');
    const { LaunchTemplateId } = await template('web', imageId, 'ami-00000000000000001');
    await create('web', { LaunchTemplate: { LaunchTemplateId, Version: '2' }, DesiredCapacity: 1 });
    expect(await launched('web')).toEqual([]);
    const LaunchTemplate = { LaunchTemplateId, Version: '1' };
    await client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'web', LaunchTemplate }));
    expect((await group('web')).LaunchTemplate).toMatchObject(LaunchTemplate);
  });

  it.each([
    ['a template that is not there', { LaunchTemplate: { LaunchTemplateName: 'none' } }],
    ['a version that is not there', { LaunchTemplate: { LaunchTemplateName: 'web', Version: '9' } }],
    ['a configuration that is not there', { LaunchConfigurationName: 'none' }],
    ['nothing', {}],
  ])('is refused with %s', async (_, more) => {
    await template('web', 'ami-00000000000000001');
    expect((await errorOf(create('refused', more))).name).toBe('ValidationError');
  });
});

describe('pages', () => {
  it('of groups and launch configurations have 50 items unless told, and at most 100', async () => {
    const { LaunchTemplateId } = await template('web', 'ami-00000000000000001');
    for (let i = 0; i < 103; i += 1) await create(`group-${i}`, { LaunchTemplate: { LaunchTemplateId } });
    for (let i = 0; i < 52; i += 1) {
      const input = { LaunchConfigurationName: `lc-${i}`, ImageId: 'ami-1', InstanceType: 't3.micro' };
      await client.send(new CreateLaunchConfigurationCommand(input));
    }
    const sizes: number[] = [];
    for await (const page of paginateDescribeAutoScalingGroups({ client, pageSize: 100 }, {}))
      sizes.push(page.AutoScalingGroups?.length ?? 0);
    for await (const page of paginateDescribeLaunchConfigurations({ client }, {}))
      sizes.push(page.LaunchConfigurations?.length ?? 0);
    expect(sizes).toEqual([100, 3, 50, 2]);
    const describeWith = (input: object) => errorOf(client.send(new DescribeAutoScalingGroupsCommand(input)));
    expect((await describeWith({ MaxRecords: 101 })).name).toBe('ValidationError');
    expect((await describeWith({ NextToken: 'nonsense' })).name).toBe('InvalidNextToken');
  });
});
