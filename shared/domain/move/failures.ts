/** Every code that an `AmiMoveFailed` can carry, and what it means; the documentation is made from it. */
export const MOVE_FAILURE_MEANINGS = {
  'invalid-request':
    'The detail of an `AmiMoveRequested` is no request; the message names every wrong field.',
  'source-unfit':
    'The source does not exist, does not run, has no `Name` tag, has an instance store for its root device, or is a member of an Auto Scaling group.',
  'subnet-unfit':
    'The target subnet does not exist, or is in another VPC than the source: security groups do not go there.',
  'pass-role': "The source's instance profile has a role that `rollout.instanceRoles` does not list.",
  'image-failed':
    'There is no image of the source; the message holds the code and the words of its `AmiFailed`.',
  'no-capacity': 'EC2 has no room for the instance in the target subnet.',
  'access-denied': 'The account, a service control policy or the role forbids the instance.',
  'ec2-rejected': "EC2 refuses the instance for good; the message holds EC2's own code and words.",
  unhealthy:
    'The new instance ended, or did not pass its status checks in an hour; it stays, and so does the source.',
  'move-error': 'The workflow of the move failed; the message holds the error.',
} as const;

export type MoveFailureCode = keyof typeof MOVE_FAILURE_MEANINGS;

export const MOVE_FAILURES = [
  'invalid-request',
  'source-unfit',
  'subnet-unfit',
  'pass-role',
  'image-failed',
  'no-capacity',
  'access-denied',
  'ec2-rejected',
  'unhealthy',
  'move-error',
] as const satisfies readonly MoveFailureCode[];

/** Why an instance is not moved, in words for a person. */
export interface MoveFailure {
  readonly code: MoveFailureCode;
  readonly message: string;
}
