import {
  CancelInstanceRefreshCommand,
  DescribeInstanceRefreshesCommand,
  StartInstanceRefreshCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateVersionCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstanceStatusCommand,
  DescribeVolumesCommand,
  ModifyLaunchTemplateCommand,
} from '@aws-sdk/client-ec2';

const InstanceIds = ['i-1'];

/** What rollouts and moves ask of EC2, with all that they send, and an answer with all that they read. */
export const ROLLOUT = {
  CreateLaunchTemplateVersion: [
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateId: 'lt-1',
      SourceVersion: '3',
      ClientToken: 'once',
      VersionDescription: 'amity: ami-1, request r-1, from version 3',
      LaunchTemplateData: {
        ImageId: 'ami-1',
        SecurityGroupIds: ['sg-1', 'sg-2'],
        NetworkInterfaces: [
          { DeviceIndex: 0, AssociatePublicIpAddress: false, Groups: ['sg-1'], DeleteOnTermination: true },
        ],
      },
    }),
    '<launchTemplateVersion><launchTemplateId>lt-1</launchTemplateId><versionNumber>4</versionNumber></launchTemplateVersion>',
  ],
  DescribeInstanceAttribute: [
    new DescribeInstanceAttributeCommand({ InstanceId: 'i-1', Attribute: 'userData' }),
    '<instanceId>i-1</instanceId><userData><value>IyEvYmluL3No</value></userData>',
  ],
  DescribeInstanceStatus: [
    new DescribeInstanceStatusCommand({ InstanceIds, IncludeAllInstances: true }),
    '<instanceStatusSet><item><instanceId>i-1</instanceId><instanceState><code>16</code><name>running</name></instanceState><systemStatus><status>ok</status></systemStatus><instanceStatus><status>initializing</status></instanceStatus></item></instanceStatusSet>',
  ],
  DescribeVolumes: [
    new DescribeVolumesCommand({ VolumeIds: ['vol-1', 'vol-2'] }),
    '<volumeSet><item><volumeId>vol-1</volumeId><volumeType>gp3</volumeType><iops>3000</iops><throughput>125</throughput></item></volumeSet>',
  ],
  ModifyLaunchTemplate: [
    new ModifyLaunchTemplateCommand({ LaunchTemplateId: 'lt-1', DefaultVersion: '4', ClientToken: 'once' }),
    '<launchTemplate><launchTemplateId>lt-1</launchTemplateId><defaultVersionNumber>4</defaultVersionNumber></launchTemplate>',
  ],
} as const;

const AutoScalingGroupName = 'a';
const LaunchTemplate = { LaunchTemplateId: 'lt-1', Version: '4' };
const MixedInstancesPolicy = {
  LaunchTemplate: {
    LaunchTemplateSpecification: LaunchTemplate,
    Overrides: [
      { InstanceType: 'm7g.large', WeightedCapacity: '2', LaunchTemplateSpecification: LaunchTemplate },
    ],
  },
  InstancesDistribution: { OnDemandBaseCapacity: 1, SpotAllocationStrategy: 'price-capacity-optimized' },
};
const template = '<LaunchTemplateId>lt-1</LaunchTemplateId><Version>4</Version>';

/** What rollouts ask of Auto Scaling. */
export const REFRESHES = {
  CancelInstanceRefresh: [
    new CancelInstanceRefreshCommand({ AutoScalingGroupName }),
    '<InstanceRefreshId>r-1</InstanceRefreshId>',
  ],
  DescribeInstanceRefreshes: [
    new DescribeInstanceRefreshesCommand({
      AutoScalingGroupName,
      InstanceRefreshIds: ['r-1'],
      MaxRecords: 1,
    }),
    `<InstanceRefreshes><member><InstanceRefreshId>r-1</InstanceRefreshId><Status>RollbackSuccessful</Status><StatusReason>why</StatusReason><PercentageComplete>50</PercentageComplete><DesiredConfiguration><LaunchTemplate>${template}</LaunchTemplate><MixedInstancesPolicy><LaunchTemplate><LaunchTemplateSpecification>${template}</LaunchTemplateSpecification><Overrides><member><LaunchTemplateSpecification>${template}</LaunchTemplateSpecification></member></Overrides></LaunchTemplate></MixedInstancesPolicy></DesiredConfiguration><RollbackDetails><RollbackReason>why then</RollbackReason></RollbackDetails></member></InstanceRefreshes>`,
  ],
  StartInstanceRefresh: [
    new StartInstanceRefreshCommand({
      AutoScalingGroupName,
      Strategy: 'Rolling',
      DesiredConfiguration: { LaunchTemplate, MixedInstancesPolicy },
      Preferences: {
        AutoRollback: true,
        SkipMatching: true,
        MinHealthyPercentage: 90,
        CheckpointPercentages: [20, 100],
      },
    }),
    '<InstanceRefreshId>r-1</InstanceRefreshId>',
  ],
  UpdateAutoScalingGroup: [
    new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, LaunchTemplate, MixedInstancesPolicy }),
    '',
  ],
} as const;
