/*
 * What the roles of the stack may do, of what they are tried with: role-calls.ts. Anything else is denied to them.
 */

import { MAY_MOVE } from './role-permissions-move.ts';
import { consumes, puts, reads } from './role-terms.ts';

const CLEANS_UP = [
  ...['Images', 'Snapshots', 'Instances', 'LaunchTemplates', 'LaunchTemplateVersions'].map(
    (what) => `ec2:Describe${what}`,
  ),
  'ec2:DescribeImageReferences',
  'ec2:DescribeImageUsageReports',
  'ec2:DescribeImageUsageReportEntries',
  'ec2:ListImagesInRecycleBin',
  'ec2:DescribeImageAttribute of ours',
  // It only reads.
  "ec2:DescribeImageAttribute of others'",
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeLaunchConfigurations',
  'ec2:CreateImageUsageReport of ours',
  'ec2:EnableImageDeprecation of ours',
  'ec2:DisableImage of ours',
  'ec2:DeregisterImage of ours',
  'ec2:DeleteSnapshot of ours',
  'ec2:CreateTags amity:recycle of ours',
  'ec2:CreateTags amity:disabled-at of ours',
  'dynamodb:Query Retired',
  'dynamodb:BatchWriteItem Retired',
  'ssm:GetParameter of the switch',
  'events:PutEvents AmiCleaned',
];
/** Nothing of it is a deletion, and nothing touches what is not ours. */
const RESTORES = [
  'ec2:DescribeImages',
  'ec2:ListImagesInRecycleBin',
  'ec2:RestoreImageFromRecycleBin of ours',
  'ec2:RestoreSnapshotFromRecycleBin of ours',
  'ec2:EnableImage of ours',
  'ec2:DisableImageDeprecation of ours',
  'ec2:ModifyImageAttribute of ours',
  ...['amity:recycle', 'amity:failed', 'amity:disabled-at', 'Reason'].map(
    (key) => `ec2:CreateTags ${key} of ours`,
  ),
  'ec2:DeleteTags amity:recycle of ours',
  'dynamodb:Query Retired',
  'dynamodb:Query Retired byImage',
  'dynamodb:BatchWriteItem Retired',
  'events:PutEvents AmiRestored',
  'events:PutEvents AmiRestoreFailed',
];

const TAKES_BUILDERS_AWAY = [
  'ec2:DescribeInstances',
  'ec2:DescribeSecurityGroups',
  'ec2:TerminateInstances of a builder',
  'ec2:DeleteSecurityGroup of a builder',
];
const SETTLES = [
  'ec2:DescribeImages',
  'events:PutEvents AmiCreated',
  'events:PutEvents AmiFailed',
  'events:PutEvents AmiCreated and AmiFailed',
  'dynamodb:GetItem Requests',
  'dynamodb:PutItem Requests',
];
/** Of launch templates those that follow a name, of groups those that want to be refreshed, and of roles those listed. */
const LAUNCHES = [
  'ec2:RunInstances of a template',
  'ec2:RunInstances of a template, under a listed role',
  // A launch template names any parameter.
  'ssm:GetParameters',
  'ssm:GetParameters of a golden image',
];
const ROLLS = [
  ...LAUNCHES,
  'ec2:DescribeImages',
  'ec2:DescribeLaunchTemplates',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeLaunchTemplateVersions of a parameter',
  'ec2:ModifyLaunchTemplate of a follower',
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:UpdateAutoScalingGroup of a refreshed group',
  'autoscaling:UpdateAutoScalingGroup to a listed role',
  'iam:GetInstanceProfile',
  'states:StartExecution of a refresh',
  'dynamodb:PutItem Rollouts',
  'dynamodb:UpdateItem Rollouts',
  ...puts('AmiRolledOut', 'AmiRolledBack', 'AmiRolloutFailed', 'AmiRolloutPlanned'),
];
const POINTS = ['ssm:GetParameter of a pointer', 'ssm:PutParameter of a pointer'];
const BAKE_STEPS = ['CheckBaseImage', 'RunBuilder', 'StopBuilder', 'CreateImage', 'TearDown', 'GiveUp'];

/** By the places of the roles in the stack. */
export const MAY: Record<string, string[]> = {
  HttpRequestAmi: ['events:PutEvents AmiRequested', 'dynamodb:GetItem Requests', 'dynamodb:PutItem Requests'],
  AmiRequestedCreateImage: [
    ...consumes('AmiRequestedCreateImage'),
    'ec2:DescribeInstances',
    'ec2:CreateImage',
    'ec2:CreateImage of a builder',
    ...SETTLES,
  ],
  HttpBakeAmi: [
    'events:PutEvents AmiBakeRequested',
    'dynamodb:GetItem Requests',
    'dynamodb:PutItem Requests',
  ],
  AmiBakeRequestedStartBake: [
    ...consumes('AmiBakeRequestedStartBake'),
    'states:StartExecution of the bake',
    'states:DescribeExecution of a bake',
    'states:DescribeExecution of a validation',
    ...SETTLES,
  ],
  Bake: BAKE_STEPS.map((step) => `lambda:InvokeFunction Bake${step}`),
  // It signals the end of its own workflow.
  BakeBuilder: ['states:SendTaskSuccess', 'states:SendTaskFailure'],
  BakeCheckBaseImage: [
    'ec2:DescribeImages',
    'ec2:DescribeInstanceTypes',
    'dynamodb:GetItem Requests',
    'ssm:GetParameter of a public base image',
    // A request names any parameter.
    'ssm:GetParameter of a pointer',
    'ssm:GetParameter of another',
    'ssm:GetParameter of the switch',
    'ssm:GetParameter of the webhook',
  ],
  BakeRunBuilder: [
    'ec2:DescribeImages',
    'ec2:DescribeInstances',
    'ec2:DescribeSubnets',
    'ec2:DescribeSecurityGroups',
    'ec2:RunInstances of a builder',
    'ec2:CreateSecurityGroup of a builder',
    'states:SendTaskFailure',
    'dynamodb:GetItem Requests',
    'dynamodb:PutItem Waiting',
  ],
  BakeStopBuilder: ['ec2:DescribeInstances', 'ec2:StopInstances of a builder'],
  BakeCreateImage: ['ec2:CreateImage of a builder', ...SETTLES],
  BakeTearDown: [...TAKES_BUILDERS_AWAY, 'ec2:GetConsoleOutput of a builder'],
  BakeGiveUp: SETTLES,
  Ec2InstanceStateChangeFailBuilder: [
    ...consumes('Ec2InstanceStateChangeFailBuilder'),
    'states:SendTaskFailure',
    'dynamodb:GetItem Waiting',
  ],
  StatesExecutionChangeGiveUpBake: [
    ...consumes('StatesExecutionChangeGiveUpBake'),
    ...TAKES_BUILDERS_AWAY,
    ...SETTLES,
  ],
  AmiCreatedStartWaiter: [
    ...consumes('AmiCreatedStartWaiter'),
    'states:StartExecution of the waiter',
    'dynamodb:GetItem Requests',
  ],
  Ec2AmiStateChangeWakeWaiter: [
    ...consumes('Ec2AmiStateChangeWakeWaiter'),
    'states:SendTaskSuccess',
    'dynamodb:GetItem Waiting',
    'dynamodb:GetItem Requests',
  ],
  WaiterCheckImage: [
    'ec2:DescribeImages',
    'ec2:CreateTags amity:failed of ours',
    'ec2:DeleteTags amity:failed of ours',
  ],
  Waiter: [
    'lambda:InvokeFunction WaiterCheckImage',
    'lambda:InvokeFunction WaiterConcludeValidation',
    'states:StartExecution of the bake',
    'states:DescribeExecution of a validation',
    'dynamodb:PutItem Waiting',
    'dynamodb:UpdateItem Requests',
    'events:PutEvents AmiAvailable',
    'events:PutEvents AmiFailed',
  ],
  WaiterConcludeValidation: [
    'ec2:DescribeImages',
    'ec2:DeregisterImage of ours',
    'ec2:DeleteSnapshot of ours',
    'ec2:CreateTags amity:failed of ours',
    'ec2:DeleteTags amity:failed of ours',
  ],
  AmiAvailableNotify: [...reads('AmiAvailableNotify'), 'ec2:DescribeImages'],
  AmiFailedNotify: reads('AmiFailedNotify'),
  AmiCleanedNotify: reads('AmiCleanedNotify'),
  AmiAvailableCleanUp: [...consumes('AmiAvailableCleanUp'), ...CLEANS_UP],
  // And what bakes have left behind: instances, for example, both describe.
  ScheduleCleanUp: [...new Set([...CLEANS_UP, ...TAKES_BUILDERS_AWAY, 'ec2:GetConsoleOutput of a builder'])],
  ScheduleRun: ['lambda:InvokeFunction ScheduleCleanUp'],
  Schedule: ['states:StartExecution of the clean-up', 'sqs:SendMessage DeadLettersUndelivered'],
  AmiRestoreRequestedRestoreImage: [...consumes('AmiRestoreRequestedRestoreImage'), ...RESTORES],
  AmiRestoredNotify: reads('AmiRestoredNotify'),
  AmiRestoreFailedNotify: reads('AmiRestoreFailedNotify'),
  AmiAvailableRollOut: [
    ...consumes('AmiAvailableRollOut'),
    ...ROLLS,
    'ec2:CreateLaunchTemplateVersion of a follower',
  ],
  ScheduleFollowNewest: [...ROLLS, 'ec2:CreateLaunchTemplateVersion of a follower', ...POINTS],
  ScheduleFollowNewestScheduler: [
    'lambda:InvokeFunction ScheduleFollowNewest',
    'sqs:SendMessage DeadLettersUndelivered',
  ],
  // It makes no versions.
  AmiRollbackRequestedRollBack: [
    ...consumes('AmiRollbackRequestedRollBack'),
    ...ROLLS,
    ...POINTS,
    'ec2:CreateTags amity:rejected',
    'dynamodb:GetItem Rollouts',
  ],
  AmiAvailableSetPointer: [
    ...consumes('AmiAvailableSetPointer'),
    ...POINTS,
    'ec2:DescribeImages',
    'dynamodb:PutItem Rollouts',
    'dynamodb:UpdateItem Rollouts',
    ...puts('AmiRolloutFailed', 'AmiRolloutPlanned'),
  ],
  RolloutStartRefresh: [
    ...LAUNCHES,
    'autoscaling:DescribeAutoScalingGroups',
    'autoscaling:DescribeInstanceRefreshes',
    'autoscaling:StartInstanceRefresh of a refreshed group',
    'autoscaling:StartInstanceRefresh to a listed role',
    'autoscaling:CancelInstanceRefresh of a refreshed group',
    'dynamodb:GetItem Rollouts',
  ],
  RolloutCheckRefresh: ['autoscaling:DescribeInstanceRefreshes'],
  Rollout: [
    'lambda:InvokeFunction RolloutStartRefresh',
    'lambda:InvokeFunction RolloutCheckRefresh',
    'dynamodb:PutItem Waiting',
    ...puts('AmiRolloutSucceeded', 'AmiRolloutFailed'),
  ],
  AutoScalingRefreshChangeWakeRollout: [
    ...consumes('AutoScalingRefreshChangeWakeRollout'),
    'states:SendTaskSuccess',
    'dynamodb:GetItem Waiting',
  ],
  AmiRolloutNotify: reads('AmiRolloutNotify'),
  ...MAY_MOVE,
};

/** Of the role that is there when the configuration has a window for reboots. */
export const MAY_PUT_OFF: Record<string, string[]> = {
  RebootWindow: [...puts('AmiRequested'), 'sqs:SendMessage DeadLettersUndelivered'],
};

/** Of the roles that are there when the configuration has bakes of its own; their parameters are none of those tried. */
export const MAY_ASK_FOR_BAKES: Record<string, string[]> = {
  ScheduleBake: ['ec2:DescribeImages', 'events:PutEvents AmiBakeRequested'],
  ScheduleBakeScheduler: ['lambda:InvokeFunction ScheduleBake', 'sqs:SendMessage DeadLettersUndelivered'],
  SsmParameterChangeBake: [
    ...consumes('SsmParameterChangeBake'),
    'ec2:DescribeImages',
    'events:PutEvents AmiBakeRequested',
  ],
};
