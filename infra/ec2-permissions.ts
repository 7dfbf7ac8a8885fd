import { Aws } from 'aws-cdk-lib';
import type { Conditions, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { INSTANCE_NAME_TAG, REQUEST_ID_TAG } from '../shared/domain/ownership.ts';
import { allow } from './permissions.ts';

/**
 * EC2's Describe actions know no resources.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
export const describe = (...actions: string[]): PolicyStatement =>
  allow(
    actions.map((action) => `ec2:${action}`),
    ['*'],
  );

/** Of a kind, here and in regions that are named. Images and snapshots carry no account in their ARNs. */
export const every =
  (kind: string, account = '') =>
  (otherRegions: readonly string[] = []): string[] =>
    [Aws.REGION, ...otherRegions].map((region) => `arn:${Aws.PARTITION}:ec2:${region}:${account}:${kind}/*`);

export const imagesIn = every('image');
export const snapshotsIn = every('snapshot');
export const usageReportsIn = every('image-usage-report', Aws.ACCOUNT_ID);
export const instancesIn = every('instance', Aws.ACCOUNT_ID);

/**
 * Any instance may be imaged, but only into an image and snapshots that say whose they are; tags are set by
 * that same call alone. EC2 wants separate statements, because an instance has no request tags.
 * @param instances which ones, where not any
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
 */
export const createImages = (instances?: Conditions): PolicyStatement[] => [
  allow(['ec2:CreateImage'], instancesIn(), instances),
  allow(['ec2:CreateImage'], [...imagesIn(), ...snapshotsIn()], {
    Null: {
      [`aws:RequestTag/${INSTANCE_NAME_TAG}`]: 'false',
      [`aws:RequestTag/${REQUEST_ID_TAG}`]: 'false',
    },
  }),
  allow(['ec2:CreateTags'], [...imagesIn(), ...snapshotsIn()], {
    StringEquals: { 'ec2:CreateAction': 'CreateImage' },
  }),
];

/**
 * Only what carries our tag can be touched, whatever the code may try. The key is of the tags that a resource has when
 * it is called for: a call of CreateTags does not make its own way.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/control-access-with-tags.html
 */
export const changeOurs = (actions: string[], resources: string[]): PolicyStatement =>
  allow(
    actions.map((action) => `ec2:${action}`),
    resources,
    { Null: { [`aws:ResourceTag/${INSTANCE_NAME_TAG}`]: 'false' } },
  );

/** The same for tags: only these of our own, so that whose an image is stays as it is. */
export const tagOurs = (
  actions: ('CreateTags' | 'DeleteTags')[],
  keys: readonly string[],
  resources: string[],
): PolicyStatement =>
  allow(
    actions.map((action) => `ec2:${action}`),
    resources,
    {
      'ForAllValues:StringEquals': { 'aws:TagKeys': keys },
      Null: { 'aws:TagKeys': 'false', [`aws:ResourceTag/${INSTANCE_NAME_TAG}`]: 'false' },
    },
  );

/**
 * DescribeImageReferences looks into other services with the caller's own permissions, here usable by it
 * alone. AWS's managed policy says the same, and would grow with the services that EC2 looks into: then
 * references are unreadable and nothing is deleted until the new action is listed here.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-ami-references.html
 */
export const describeReferences = (): PolicyStatement[] => [
  describe('DescribeImageReferences'),
  allow(
    [
      'ec2:DescribeInstances',
      'ec2:DescribeLaunchTemplates',
      'ec2:DescribeLaunchTemplateVersions',
      'ssm:DescribeParameters',
      'ssm:GetParameters',
      'imagebuilder:ListImageRecipes',
      'imagebuilder:ListContainerRecipes',
      'imagebuilder:GetContainerRecipe',
    ],
    ['*'],
    { 'ForAnyValue:StringEquals': { 'aws:CalledVia': ['ec2-images.amazonaws.com'] } },
  ),
];
