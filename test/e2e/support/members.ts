import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { BASE_IMAGE, untilAws } from './bakes.ts';
import type { Session } from './session.ts';
import { addTemplate } from './templates.ts';

/** An instance that an Auto Scaling group of its own, of this name, keeps running; the tags are its too. */
export async function runMember(
  { aws }: Session,
  name: string,
  tags: Readonly<Record<string, string>> = {},
): Promise<string> {
  await addTemplate(new EC2Client(aws.clientConfig), name, [[BASE_IMAGE]], { defaultVersion: 1 });
  const groups = new AutoScalingClient(aws.clientConfig);
  await groups.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      MinSize: 1,
      MaxSize: 1,
      AvailabilityZones: ['us-east-1a'],
      LaunchTemplate: { LaunchTemplateName: name, Version: '1' },
      Tags: Object.entries({ Name: name, ...tags }).map(([Key, Value]) => ({
        Key,
        Value,
        PropagateAtLaunch: true,
        ResourceId: name,
        ResourceType: 'auto-scaling-group',
      })),
    }),
  );
  return untilAws(`the member of ${name} is in service`, async () => {
    const { AutoScalingGroups = [] } = await groups.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
    );
    const member = AutoScalingGroups[0]?.Instances?.[0];
    return member?.LifecycleState === 'InService' ? member.InstanceId : undefined;
  });
}
