/** Every code that an `AmiRolloutFailed` can carry, and what it means; the documentation is made from it. */
export const ROLLOUT_FAILURE_MEANINGS = {
  'invalid-request':
    'The detail of an `AmiRollbackRequested` is no request, or its version is of several templates; the message says what is wrong.',
  'invalid-tag':
    'A tag of the launch template or the group (`amity:…`) cannot be read; nothing of it was changed.',
  'pass-role':
    "The launch template's instance profile has a role that `rollout.instanceRoles` does not list; nothing was changed.",
  'access-denied': 'The account, a service control policy or the role forbids the change.',
  'ec2-rejected': "EC2 refuses the change for good; the message holds EC2's own code and words.",
  'no-follower': 'No launch template with that id, or for that name, carries the tag `amity:follow`.',
  'nothing-to-roll-back':
    'The default version does not say which one was before it, or is the one that is wanted already.',
  'image-unusable': 'The version to go back to has an image that is not available (any more).',
  superseded: 'The default has changed after the rollback was asked for: it was not meant.',
  'pointer-clash': 'Two instance names have the same parameter; it stays with the first one.',
  'pointer-refused': 'The parameter does not take the image: AWS finds it not available here.',
  'refresh-refused': "Auto Scaling does not begin the refresh; the message holds the service's own words.",
  'refresh-failed': "The instance refresh failed; the message holds the group's reason.",
  'refresh-rolled-back':
    "The instance refresh failed, and the group is back on what it was; the message holds the group's reason.",
  'refresh-cancelled': 'Somebody, or a rollback, cancelled the instance refresh.',
  'rollback-failed': 'The instance refresh failed, and so did its rollback: look at the group.',
  'group-gone': 'The Auto Scaling group was deleted during its refresh.',
  timeout: 'The instance refresh was not over after `waiter.timeoutMinutes`; it goes on unwatched.',
  'rollout-error': 'The workflow that follows the refresh failed; the message holds the error.',
} as const;

export type RolloutFailureCode = keyof typeof ROLLOUT_FAILURE_MEANINGS;

export const ROLLOUT_FAILURES = [
  'invalid-request',
  'invalid-tag',
  'pass-role',
  'access-denied',
  'ec2-rejected',
  'no-follower',
  'nothing-to-roll-back',
  'image-unusable',
  'superseded',
  'pointer-clash',
  'pointer-refused',
  'refresh-refused',
  'refresh-failed',
  'refresh-rolled-back',
  'refresh-cancelled',
  'rollback-failed',
  'group-gone',
  'timeout',
  'rollout-error',
] as const satisfies readonly RolloutFailureCode[];

/** What an `AmiRolloutPlanned` says would be done. */
export const PLANNED = ['roll-out', 'roll-back', 'refresh', 'move-pointer', 'move', 'request-image'] as const;

/** Why something cannot be rolled out, or back, in words for a person. */
export interface RolloutFailure {
  readonly code: RolloutFailureCode;
  readonly message: string;
}
