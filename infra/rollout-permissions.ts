import { Aws } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { REJECTED_TAG } from '../shared/domain/retention/guards.ts';
import { FOLLOW_TAG } from '../shared/domain/rollout/follower.ts';
import { REFRESH_TAG } from '../shared/domain/rollout/refresh.ts';
import { describe, every, imagesIn, instancesIn, snapshotsIn } from './ec2-permissions.ts';
import { ANY_PARAMETER, allow, decryptNothing } from './permissions.ts';

const here = (kind: string) => every(kind, Aws.ACCOUNT_ID)();
const TEMPLATES = here('launch-template');

/** A template that does not follow a name cannot be changed, whatever the code may try. */
export const changeFollowers = (
  ...actions: ('CreateLaunchTemplateVersion' | 'ModifyLaunchTemplate')[]
): PolicyStatement =>
  allow(
    actions.map((action) => `ec2:${action}`),
    TEMPLATES,
    { Null: { [`aws:ResourceTag/${FOLLOW_TAG}`]: 'false' } },
  );

export const readFollowers = (): PolicyStatement =>
  describe('DescribeImages', 'DescribeLaunchTemplates', 'DescribeLaunchTemplateVersions');

/**
 * The `resolve:ssm:…` of a launch template is resolved with the permissions of whoever asks for it, or for its instances.
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/using-systems-manager-parameters.html
 */
const resolveImages = (): PolicyStatement[] => [
  allow(['ssm:GetParameters'], ANY_PARAMETER),
  decryptNothing(),
];

/** Any image of this account, those of AWS Backup too; and this tag alone. */
export const rejectImages = (): PolicyStatement =>
  allow(['ec2:CreateTags'], imagesIn(), {
    'ForAllValues:StringEquals': { 'aws:TagKeys': [REJECTED_TAG] },
    Null: { 'aws:TagKeys': 'false' },
  });

/** Auto Scaling's Describe actions know no resources. */
export const describeGroups = (
  ...actions: ('DescribeAutoScalingGroups' | 'DescribeInstanceRefreshes')[]
): PolicyStatement =>
  allow(
    actions.map((action) => `autoscaling:${action}`),
    ['*'],
  );

/** What a launch template may name, as far as EC2 says of it that it comes through one. */
const LAUNCHED = [
  ...instancesIn(),
  ...imagesIn(),
  ...snapshotsIn(),
  ...TEMPLATES,
  ...[
    'volume',
    'network-interface',
    'subnet',
    'security-group',
    'key-pair',
    'placement-group',
    'capacity-reservation',
  ].flatMap(here),
];

/**
 * A group that does not want to be refreshed cannot be changed. Auto Scaling looks whether whoever changes one may start
 * its instances, too: here, through a launch template alone.
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
 */
export const changeGroups = (actions: string[], instanceRoles: readonly string[]): PolicyStatement[] => [
  allow(
    actions.map((action) => `autoscaling:${action}`),
    [
      `arn:${Aws.PARTITION}:autoscaling:${Aws.REGION}:${Aws.ACCOUNT_ID}:autoScalingGroup:*:autoScalingGroupName/*`,
    ],
    { StringEquals: { [`aws:ResourceTag/${REFRESH_TAG}`]: 'true' } },
  ),
  allow(['ec2:RunInstances'], LAUNCHED, { ArnLike: { 'ec2:LaunchTemplate': TEMPLATES } }),
  allow(
    ['ec2:CreateTags'],
    [...instancesIn(), ...['volume', 'network-interface', 'spot-instances-request'].flatMap(here)],
    { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
  ),
  ...resolveImages(),
  ...passRoles(instanceRoles),
];

/** Which role an instance profile has. */
export const readProfiles = (): PolicyStatement =>
  allow(['iam:GetInstanceProfile'], [`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:instance-profile/*`]);

/**
 * The roles that the configuration lists, and to instances alone: by their ARNs, or by their names, which are unique in an
 * account, under whatever path.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-friendly-names
 */
export const passRoles = (instanceRoles: readonly string[]): PolicyStatement[] =>
  instanceRoles.length === 0
    ? []
    : [
        allow(
          ['iam:PassRole'],
          instanceRoles.flatMap((role) =>
            role.startsWith('arn:') ? role : [roleArn(role), roleArn(`*/${role}`)],
          ),
          { StringEquals: { 'iam:PassedToService': `ec2.${Aws.URL_SUFFIX}` } },
        ),
      ];

const roleArn = (role: string) => `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${role}`;

const POINTERS = `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter/amity/images/*`;

/** AWS looks at the image with the permissions of whoever writes the parameter. */
export const movePointers = (): PolicyStatement[] => [
  allow(['ssm:GetParameter', 'ssm:PutParameter'], [POINTERS]),
  describe('DescribeImages'),
];
