import type { BakeStage } from './bake/stages.ts';

/** Every code that an `AmiFailed` can carry. */
export const FAILURE_CODES = [
  'invalid-request',
  'request-id-reused',
  'reboot-not-allowed',
  'no-running-instance',
  'instance-store-backed',
  'auto-scaling-member',
  'access-denied',
  'name-taken',
  'ec2-rejected',
  'deadline-exceeded',
  'image-failed',
  'image-deregistered',
  'image-disabled',
  'timeout',
  'waiter-error',
  'base-image-not-found',
  'base-image-refused',
  'architecture-mismatch',
  'user-data-unreadable',
  'no-capacity',
  'script-failed',
  'builder-timeout',
  'builder-gone',
  'validation-failed',
  'bake-error',
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

/** What each code means and what helps; the documentation is made from it. */
export const FAILURE_MEANINGS: Record<FailureCode, string> = {
  'invalid-request':
    'The detail of an `AmiRequested` or `AmiBakeRequested` is no request; the message names every wrong field.',
  'request-id-reused':
    'The request id was already used for another instance name, or another kind of request. Choose a new one.',
  'reboot-not-allowed': 'Another account asked for a reboot; `publishers.allowReboot` does not allow it.',
  'no-running-instance': 'No running instance has exactly that Name tag (or the last one ended meanwhile).',
  'instance-store-backed':
    "The instance's root device is an instance store; EC2 images only EBS-backed ones.",
  'auto-scaling-member':
    'The instance that was named is a member of an Auto Scaling group, and the image wants a reboot: the group might replace it.',
  'access-denied': 'The account, a service control policy or the role forbids the image.',
  'name-taken': 'The image name, and the one with a suffix, belong to other images.',
  'ec2-rejected': "EC2 refuses the call for good; the message holds EC2's own code and words.",
  'deadline-exceeded':
    'EC2 kept refusing for longer than `requests.deadlineMinutes`, or two hours after the builder of a bake was done.',
  'image-failed': 'EC2 gave the image up (failed, error, invalid, or a state unknown to us).',
  'image-deregistered': 'Somebody deregistered the image while it was being made.',
  'image-disabled': 'Somebody disabled the image while it was being made.',
  timeout: 'The image was still pending after `waiter.timeoutMinutes`.',
  'waiter-error': 'The waiter could not read the image; the message holds the error.',
  'base-image-not-found':
    'The base image does not exist (or is not shared), or no SSM parameter of that name holds the id of one.',
  'base-image-refused':
    'The base image is not available, of no owner in `bake.baseImageOwners`, or such that EC2 could not image its builder.',
  'architecture-mismatch':
    'The instance type does not run images of that architecture, or does not exist here.',
  'user-data-unreadable':
    'The S3 object is not there, is no script, or its bucket is not listed in `bake.userDataBuckets`.',
  'no-capacity': 'EC2 had no capacity for the builder in any of the subnets.',
  'script-failed': 'The user data ended with an exit code other than 0; `output` holds its last lines.',
  'builder-timeout':
    'The builder did not signal in `timeoutMinutes`; `output` holds the end of its console, if there is one.',
  'builder-gone': 'The builder was stopped or terminated by someone, or died.',
  'validation-failed':
    'The validation ended with an exit code other than 0: the image is deregistered; `output` holds its last lines.',
  'bake-error': 'The workflow of the bake failed or was stopped; the message holds the error.',
};

/** The codes of our own in `AmiCleaned`'s `failed[]`; every other one there is EC2's. */
export const CLEAN_UP_FAILURES = {
  'references-unreadable':
    'Who uses the images could not be read, in whole or in part: nothing more was touched.',
  'snapshots-unreadable': 'Snapshots could not be read: none that was left behind was looked for.',
  stopped:
    'The run would have taken more images away than `retention.stopAboveShare` allows: it touched nothing.',
} as const;

export type CleanUpFailure = keyof typeof CLEAN_UP_FAILURES;

/** Every code that an `AmiRestoreFailed` can carry. */
export const RESTORE_FAILURES = ['invalid-request', 'not-ours', 'not-found', 'ec2-rejected'] as const;

export type RestoreFailure = (typeof RESTORE_FAILURES)[number];

export const RESTORE_FAILURE_MEANINGS: Record<RestoreFailure, string> = {
  'invalid-request':
    'The detail of an `AmiRestoreRequested` is no request; the message names every wrong field.',
  'not-ours': 'The image does not carry the tag `amity:instance-name`, or belongs to another AWS service.',
  'not-found': 'EC2 has no such image, and the Recycle Bin has it not (any more).',
  'ec2-rejected': "EC2 refuses for good; the message holds EC2's own code and words.",
};

/** A reason to give a request up, in words for a person. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  /** Of a bake. */
  readonly stage?: BakeStage | undefined;
  /** Of a script: its last lines. */
  readonly output?: string | undefined;
}
