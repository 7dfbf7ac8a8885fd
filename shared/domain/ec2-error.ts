/** What an error of CreateImage asks for. */
export type Ec2ErrorKind =
  /** Too many calls or pending snapshots: the same call passes in a moment. */
  | 'slow-down'
  /** One volume was imaged seconds ago: worth trying again only after 15 s and more. */
  | 'later'
  /** The call may or may not have been carried out. */
  | 'unknown-outcome'
  | 'duplicate-name'
  /** The instance is gone or no longer running: another of its name may do. */
  | 'instance-gone'
  | 'denied'
  /** Our own mistake: it must be seen, not waited out. */
  | 'bug'
  /** The call can never work as it is. */
  | 'rejected';

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const KINDS: Record<string, Ec2ErrorKind> = {
  RequestLimitExceeded: 'slow-down',
  Throttling: 'slow-down',
  ThrottlingException: 'slow-down',
  PendingSnapshotLimitExceeded: 'slow-down',
  ConcurrentSnapshotLimitExceeded: 'slow-down',
  SnapshotCreationPerVolumeRateExceeded: 'later',
  'InvalidAMIName.Duplicate': 'duplicate-name',
  IncorrectInstanceState: 'instance-gone',
  'InvalidInstanceID.NotFound': 'instance-gone',
  'InvalidInstanceID.NotLinkable': 'instance-gone',
  UnauthorizedOperation: 'denied',
  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  AuthFailure: 'denied',
  Blocked: 'denied',
  OptInRequired: 'denied',
  RequestExpired: 'unknown-outcome',
};

/** An error without an answer is the network's, unless it is one of these. */
const BUGS = new Set(['TypeError', 'ReferenceError', 'RangeError', 'ZodError']);

/** EC2's errors are not modelled as classes by the SDK: their names are all there is. */
export interface Ec2ErrorFacts {
  readonly name: string;
  readonly message: string;
  /** The HTTP status, when there was an answer at all. */
  readonly status?: number | undefined;
}

export function kindOf({ name, message, status }: Ec2ErrorFacts): Ec2ErrorKind {
  const known = KINDS[name];
  if (known) return known;
  if (status === undefined && BUGS.has(name)) return 'bug';
  // What CreateImage says of a terminated instance; it has no code of its own.
  if (name === 'InvalidParameterValue' && /not in state/.test(message)) return 'instance-gone';
  return status !== undefined && status >= 400 && status < 500 ? 'rejected' : 'unknown-outcome';
}
