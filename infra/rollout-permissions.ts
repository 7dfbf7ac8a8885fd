import { Aws } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { REJECTED_TAG } from '../shared/domain/retention/guards.ts';
import { FOLLOW_TAG } from '../shared/domain/rollout/follower.ts';
import { REFRESH_TAG } from '../shared/domain/rollout/refresh.ts';
import { describe, every, imagesIn } from './ec2-permissions.ts';
import { allow } from './permissions.ts';

const TEMPLATES = every('launch-template', Aws.ACCOUNT_ID)();

/** A template that does not follow a name cannot be changed, whatever the code may try. */
export const changeFollowers = (): PolicyStatement[] => [
  describe('DescribeImages', 'DescribeLaunchTemplates', 'DescribeLaunchTemplateVersions'),
  allow(['ec2:CreateLaunchTemplateVersion', 'ec2:ModifyLaunchTemplate'], TEMPLATES, {
    Null: { [`aws:ResourceTag/${FOLLOW_TAG}`]: 'false' },
  }),
  // EC2 resolves `resolve:ssm:` with the permissions of whoever asks; nothing is decrypted.
  allow(
    ['ssm:GetParameters'],
    [
      `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter/*`,
      `arn:${Aws.PARTITION}:ssm:${Aws.REGION}::parameter/aws/service/*`,
    ],
  ),
];

/** Any image of this account, those of AWS Backup too; and this tag alone. */
export const rejectImages = (): PolicyStatement =>
  allow(['ec2:CreateTags'], imagesIn(), {
    'ForAllValues:StringEquals': { 'aws:TagKeys': [REJECTED_TAG] },
    Null: { 'aws:TagKeys': 'false' },
  });

export const describeGroups = (): PolicyStatement =>
  allow(['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeInstanceRefreshes'], ['*']);

/**
 * A group that does not want to be refreshed cannot be changed. Auto Scaling looks whether whoever changes one may start
 * its instances, too: here, through a launch template alone.
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
 */
export const changeGroups = (actions: string[], instanceRoles: readonly string[]): PolicyStatement[] => [
  describeGroups(),
  allow(
    actions.map((action) => `autoscaling:${action}`),
    [
      `arn:${Aws.PARTITION}:autoscaling:${Aws.REGION}:${Aws.ACCOUNT_ID}:autoScalingGroup:*:autoScalingGroupName/*`,
    ],
    { StringEquals: { [`aws:ResourceTag/${REFRESH_TAG}`]: 'true' } },
  ),
  allow(['ec2:RunInstances'], ['*'], {
    ArnLike: { 'ec2:LaunchTemplate': TEMPLATES },
  }),
  allow(['ec2:CreateTags'], ['*'], { StringEquals: { 'ec2:CreateAction': 'RunInstances' } }),
  readProfiles(),
  ...passRoles(instanceRoles),
];

/** Which role an instance profile has. */
export const readProfiles = (): PolicyStatement =>
  allow(['iam:GetInstanceProfile'], [`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:instance-profile/*`]);

/** The roles that the configuration lists, by their names or ARNs, and to instances alone. */
export const passRoles = (instanceRoles: readonly string[]): PolicyStatement[] =>
  instanceRoles.length === 0
    ? []
    : [
        allow(
          ['iam:PassRole'],
          instanceRoles.map((role) =>
            role.startsWith('arn:') ? role : `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${role}`,
          ),
          { StringEquals: { 'iam:PassedToService': `ec2.${Aws.URL_SUFFIX}` } },
        ),
      ];

const POINTERS = `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter/amity/images/*`;

/** AWS looks at the image with the permissions of whoever writes the parameter. */
export const movePointers = (): PolicyStatement[] => [
  allow(['ssm:GetParameter', 'ssm:PutParameter'], [POINTERS]),
  describe('DescribeImages'),
];
