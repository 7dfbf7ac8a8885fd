import { AutoScalingClient, CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2';
import { FOLLOW_TAG } from '../shared/domain/rollout/follower.ts';
import { REFRESH_TAG } from '../shared/domain/rollout/refresh.ts';
import type { EmbeddedAws } from './embedded-aws.ts';

/** A group of two that runs an image of three days ago, from a launch template: both have opted in by a tag. */
export async function addFleet({ control, clientConfig }: EmbeddedAws, instanceName: string): Promise<void> {
  const name = `${instanceName}-Deploy-of-three-days-ago`;
  const tags = {
    Name: name,
    Reason: 'Deploy',
    'amity:instance-name': instanceName,
    'amity:request-id': 'of-old',
  };
  const { imageId } = await control.addImage({ name, ageDays: 3, tags });
  await new EC2Client(clientConfig).send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: instanceName,
      LaunchTemplateData: { ImageId: imageId, InstanceType: 't3.micro' },
      TagSpecifications: [
        { ResourceType: 'launch-template', Tags: [{ Key: FOLLOW_TAG, Value: instanceName }] },
      ],
    }),
  );
  await new AutoScalingClient(clientConfig).send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: instanceName,
      MinSize: 2,
      MaxSize: 4,
      AvailabilityZones: [`${clientConfig.region}a`],
      LaunchTemplate: { LaunchTemplateName: instanceName, Version: '$Default' },
      Tags: [{ Key: REFRESH_TAG, Value: 'true', PropagateAtLaunch: false }],
    }),
  );
}
