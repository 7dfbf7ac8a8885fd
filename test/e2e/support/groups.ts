import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  CreateLaunchConfigurationCommand,
} from '@aws-sdk/client-auto-scaling';
import type { Session } from './session.ts';

/**
 * A group for each way to name an image: by a numbered version, by an override of its own, by a launch configuration.
 * @param configured the image of the launch configuration
 */
export async function addGroups(session: Session, configured: string): Promise<void> {
  const groups = new AutoScalingClient(session.aws.clientConfig);
  const group = (AutoScalingGroupName: string, more: Partial<CreateAutoScalingGroupCommandInput>) =>
    groups.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName,
        MinSize: 0,
        MaxSize: 2,
        AvailabilityZones: ['us-east-1a'],
        ...more,
      }),
    );
  await group('numbered', { LaunchTemplate: { LaunchTemplateName: 'numbered', Version: '1' } });
  await group('mixed', {
    MixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateName: 'web', Version: '$Latest' },
        Overrides: [
          {
            InstanceType: 't4g.micro',
            LaunchTemplateSpecification: { LaunchTemplateName: 'arm', Version: '1' },
          },
        ],
      },
    },
  });
  const LaunchConfigurationName = 'old-web';
  await groups.send(
    new CreateLaunchConfigurationCommand({
      LaunchConfigurationName,
      ImageId: configured,
      InstanceType: 't3.micro',
    }),
  );
  await group('old', { LaunchConfigurationName });
}
