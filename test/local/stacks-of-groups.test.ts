import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSubnetsCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it, vi } from 'vitest';
import { deploy, imageName, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });

const groups = () => new AutoScalingClient(suite.aws.clientConfig);
const follow = { Key: 'amity:follow', Value: 'service-api' };

/** A launch template and a group of one instance, as a template of CloudFormation has them. */
function resources(ImageId: string, subnets: string[], MaxSize = '2') {
  const LaunchTemplateData = {
    ImageId,
    InstanceType: 't3.micro',
    MetadataOptions: { HttpTokens: 'required' },
  };
  return {
    Template: {
      Type: 'AWS::EC2::LaunchTemplate',
      Properties: {
        LaunchTemplateData,
        TagSpecifications: [{ ResourceType: 'launch-template', Tags: [follow] }],
      },
    },
    Group: {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: {
        MinSize: '1',
        MaxSize,
        VPCZoneIdentifier: subnets,
        LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '$Default' },
        Tags: [{ Key: 'amity:refresh', Value: 'true', PropagateAtLaunch: false }],
      },
    },
  };
}

const find = async () => {
  const { AutoScalingGroups = [] } = await groups().send(new DescribeAutoScalingGroupsCommand({}));
  const { LaunchTemplates = [] } = await suite.ec2.send(new DescribeLaunchTemplatesCommand({}));
  return { group: AutoScalingGroups[0], template: LaunchTemplates[0] };
};

const untilStatus = (StackName: string, status: string) =>
  vi.waitFor(
    async () => {
      const { Stacks } = await new CloudFormationClient(suite.aws.clientConfig).send(
        new DescribeStacksCommand({ StackName }),
      );
      expect(Stacks?.[0]?.StackStatus).toBe(status);
    },
    { timeout: 10_000 },
  );

describe('a stack with a launch template and a group', () => {
  it('makes them where instances are started of them, changes them, and takes them away', async () => {
    const { Subnets = [] } = await suite.ec2.send(new DescribeSubnetsCommand({}));
    const subnets = Subnets.slice(0, 2).map(({ SubnetId = '' }) => SubnetId);
    const images: string[] = [];
    for (let each = 0; each < 2; each++) {
      images.push((await suite.aws.control.addImage({ name: imageName() })).imageId);
    }
    const [first = '', second = ''] = images;
    await deploy(suite, 'Service', resources(first, subnets));

    const { group, template } = await find();
    expect(template).toMatchObject({ DefaultVersionNumber: 1, LatestVersionNumber: 1, Tags: [follow] });
    expect(group).toMatchObject({
      LaunchTemplate: { LaunchTemplateId: template?.LaunchTemplateId, Version: '$Default' },
      MinSize: 1,
      MaxSize: 2,
      VPCZoneIdentifier: subnets.join(','),
      Tags: expect.arrayContaining([
        expect.objectContaining({ Key: 'amity:refresh', Value: 'true', PropagateAtLaunch: false }),
      ]),
      Instances: [{ LaunchTemplate: { Version: '1' } }],
    });

    // Somebody else has set the group to a number, as Amity does.
    const { AutoScalingGroupName = '', LaunchTemplate } = group ?? {};
    const { LaunchTemplateId } = LaunchTemplate ?? {};
    await groups().send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName,
        LaunchTemplate: { LaunchTemplateId, Version: '1' },
      }),
    );
    const cloudFormation = new CloudFormationClient(suite.aws.clientConfig);
    const TemplateBody = JSON.stringify({ Resources: resources(second, subnets, '3') });
    await cloudFormation.send(new UpdateStackCommand({ StackName: 'Service', TemplateBody }));
    await untilStatus('Service', 'UPDATE_COMPLETE');
    const changed = await find();
    expect(changed.template).toMatchObject({ DefaultVersionNumber: 1, LatestVersionNumber: 2 });
    expect(changed.group).toMatchObject({ MaxSize: 3, LaunchTemplate: { Version: '$Default' } });
    const { LaunchTemplateVersions = [] } = await suite.ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId }),
    );
    const byNumber = LaunchTemplateVersions.map((each) => [
      each.VersionNumber,
      each.LaunchTemplateData?.ImageId,
    ]);
    expect(byNumber.sort()).toEqual([
      [1, first],
      [2, second],
    ]);

    await cloudFormation.send(new DeleteStackCommand({ StackName: 'Service' }));
    await vi.waitFor(async () => expect(await find()).toEqual({}), { timeout: 10_000 });
  });

  it('fails with what the service says', async () => {
    const StackName = 'Refused';
    const cloudFormation = new CloudFormationClient(suite.aws.clientConfig);
    const { imageId } = await suite.aws.control.addImage({ name: imageName() });
    const TemplateBody = JSON.stringify({ Resources: resources(imageId, ['subnet-0123456789abcdef0']) });
    await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody }));
    await untilStatus(StackName, 'ROLLBACK_COMPLETE');
    const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
    const failed = StackEvents.filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
    expect(failed).toMatchObject([
      {
        LogicalResourceId: 'Group',
        ResourceStatusReason: expect.stringContaining('subnet-0123456789abcdef0'),
      },
    ]);
    expect(await find()).toEqual({});
  });
});
