import { Aws } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { parameterOf } from '../shared/domain/bake/base-image.ts';
import { BUILDER_TAG } from '../shared/domain/bake/builder.ts';
import type { Bake, StandingBake } from './bake-schema.ts';
import { describe, every, imagesIn, instancesIn, snapshotsIn } from './ec2-permissions.ts';
import { ANY_PARAMETER, allow, decryptNothing } from './permissions.ts';

const here = (kind: string) => every(kind, Aws.ACCOUNT_ID)();
const instances = instancesIn();
const groups = here('security-group');

const TAGGED = { Null: { [`aws:RequestTag/${BUILDER_TAG}`]: 'false' } };
/** What carries our tag, and nothing else. */
export const BUILDERS = { Null: { [`aws:ResourceTag/${BUILDER_TAG}`]: 'false' } };

/**
 * Builders, with our tag, with IMDSv2 alone, under the roles that are listed; and a security group for them.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html
 */
export const runBuilders = (
  roleArns: readonly string[],
  { kmsKeyArns, userDataBuckets }: Bake,
): PolicyStatement[] => [
  describe('DescribeImages', 'DescribeInstances', 'DescribeSubnets', 'DescribeSecurityGroups'),
  allow(['ec2:RunInstances'], instances, {
    ...TAGGED,
    StringEquals: { 'ec2:MetadataHttpTokens': 'required' },
  }),
  allow(['ec2:RunInstances'], [...here('volume'), ...here('network-interface')], TAGGED),
  allow(['ec2:RunInstances'], [...imagesIn(), ...snapshotsIn(), ...here('subnet'), ...groups]),
  allow(['ec2:CreateSecurityGroup'], groups, TAGGED),
  allow(['ec2:CreateSecurityGroup'], here('vpc')),
  allow(['ec2:CreateTags'], [...instances, ...here('volume'), ...here('network-interface'), ...groups], {
    StringEquals: { 'ec2:CreateAction': ['RunInstances', 'CreateSecurityGroup'] },
  }),
  allow(['iam:PassRole'], [...roleArns], {
    StringEquals: { 'iam:PassedToService': `ec2.${Aws.URL_SUFFIX}` },
  }),
  ...(userDataBuckets.length > 0
    ? [
        allow(
          ['s3:GetObject'],
          userDataBuckets.map((bucket) => `arn:${Aws.PARTITION}:s3:::${bucket}/*`),
        ),
      ]
    : []),
  ...encryptVolumes(kmsKeyArns),
];

/**
 * EBS encrypts with the permissions of whoever starts the instance.
 * Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
 */
function encryptVolumes(kmsKeyArns: readonly string[]): PolicyStatement[] {
  if (kmsKeyArns.length === 0) return [];
  const viaEc2 = { StringEquals: { 'kms:ViaService': `ec2.${Aws.REGION}.${Aws.URL_SUFFIX}` } };
  return [
    allow(
      [
        'kms:DescribeKey',
        'kms:Decrypt',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      [...kmsKeyArns],
      viaEc2,
    ),
    allow(['kms:CreateGrant'], [...kmsKeyArns], { ...viaEc2, Bool: { 'kms:GrantIsForAWSResource': 'true' } }),
  ];
}

/** Only what carries our tag is stopped, looked at or taken away. */
export const stopBuilders = (): PolicyStatement[] => [
  describe('DescribeInstances'),
  allow(['ec2:StopInstances'], instances, BUILDERS),
];

export const takeBuildersAway = (): PolicyStatement[] => [
  describe('DescribeInstances', 'DescribeSecurityGroups'),
  allow(['ec2:TerminateInstances'], instances, BUILDERS),
  allow(['ec2:DeleteSecurityGroup'], groups, BUILDERS),
];

export const seeConsoles = (): PolicyStatement => allow(['ec2:GetConsoleOutput'], instances, BUILDERS);

/**
 * A request names any parameter, those of this account too. What is in it has to be an image's id to be of use, and can
 * not be decrypted.
 */
export const readBaseImages = (): PolicyStatement[] => [
  allow(['ssm:GetParameter'], ANY_PARAMETER),
  decryptNothing(),
];

/** The parameters of some bakes, by their names, which may begin with a slash or not. */
export const readParametersOf = (bakes: readonly StandingBake[]): PolicyStatement[] => {
  const names = bakes.flatMap(
    ({ baseImage }) => /^\/?(?<name>[^:]+)/.exec(parameterOf(baseImage) ?? '')?.groups?.name ?? [],
  );
  const arns = [...new Set(names)].map((name) =>
    name.startsWith('aws/')
      ? `arn:${Aws.PARTITION}:ssm:${Aws.REGION}::parameter/${name}`
      : `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter/${name}`,
  );
  return arns.length > 0 ? [allow(['ssm:GetParameter'], arns)] : [];
};
