import { Aws } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { MOVED_FROM_TAG, MOVED_TO_TAG } from '../shared/domain/move/move.ts';
import { describe, every, imagesIn, instancesIn, snapshotsIn } from './ec2-permissions.ts';
import { allow } from './permissions.ts';
import { passRoles } from './rollout-permissions.ts';

const here = (kind: string) => every(kind, Aws.ACCOUNT_ID)();

const SAYS_WHENCE = { Null: { [`aws:RequestTag/${MOVED_FROM_TAG}`]: 'false' } };

/**
 * Instances, only such as say whose likeness they are, in any subnet and of any image that the source leads to.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html
 */
export const runLikenesses = (instanceRoles: readonly string[]): PolicyStatement[] => [
  describe('DescribeInstances', 'DescribeVolumes'),
  allow(['ec2:DescribeInstanceAttribute'], instancesIn()),
  allow(
    ['ec2:RunInstances'],
    [...instancesIn(), ...here('volume'), ...here('network-interface')],
    SAYS_WHENCE,
  ),
  allow(
    ['ec2:RunInstances'],
    [...imagesIn(), ...snapshotsIn(), ...here('subnet'), ...here('security-group'), ...here('key-pair')],
  ),
  allow(['ec2:CreateTags'], [...instancesIn(), ...here('volume'), ...here('network-interface')], {
    StringEquals: { 'ec2:CreateAction': 'RunInstances' },
  }),
  ...passRoles(instanceRoles),
];

/** Only what says that it was moved can be stopped; to say so is a tag of its own. Nothing can be terminated. */
export const stopMoved = (): PolicyStatement[] => [
  describe('DescribeInstances', 'DescribeInstanceStatus'),
  allow(['ec2:CreateTags'], instancesIn(), {
    'ForAllValues:StringEquals': { 'aws:TagKeys': [MOVED_TO_TAG] },
    Null: { 'aws:TagKeys': 'false' },
  }),
  allow(['ec2:StopInstances'], instancesIn(), { Null: { [`aws:ResourceTag/${MOVED_TO_TAG}`]: 'false' } }),
];
