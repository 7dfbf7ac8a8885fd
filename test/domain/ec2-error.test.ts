import { expect, it } from 'vitest';
import { kindOf } from '../../shared/domain/ec2-error.ts';

it.each([
  ['RequestLimitExceeded', 503, 'slow-down'],
  ['Throttling', 400, 'slow-down'],
  ['PendingSnapshotLimitExceeded', 400, 'slow-down'],
  ['ConcurrentSnapshotLimitExceeded', 400, 'slow-down'],
  ['SnapshotCreationPerVolumeRateExceeded', 400, 'later'],
  ['InvalidAMIName.Duplicate', 400, 'duplicate-name'],
  ['IncorrectInstanceState', 400, 'instance-gone'],
  ['InvalidInstanceID.NotFound', 400, 'instance-gone'],
  ['UnauthorizedOperation', 403, 'denied'],
  ['InvalidParameterValue', 400, 'rejected'],
  ['AnErrorOfNextYear', 400, 'rejected'],
  ['InternalError', 500, 'unknown-outcome'],
  ['AnErrorOfNextYear', 503, 'unknown-outcome'],
  ['TimeoutError', undefined, 'unknown-outcome'],
  ['TypeError', undefined, 'bug'],
])('%s (%s) is %s', (name, status, kind) => {
  expect(kindOf({ name, status, message: '' })).toBe(kind);
});

it("takes a terminated instance's error for what it is, although it has no code of its own", () => {
  const message = "Invalid value 'i-1' for instanceId. Instance is not in state 'running' or 'stopped'";
  expect(kindOf({ name: 'InvalidParameterValue', status: 400, message })).toBe('instance-gone');
});
