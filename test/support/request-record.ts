import type { RequestRecord } from '../../shared/domain/request.ts';

/** A request that a function is at work on. */
export const record = (overrides: Partial<RequestRecord> = {}): RequestRecord => ({
  key: 'request#000000000000#amity#one',
  requestId: 'one',
  state: 'creating',
  attempt: 1,
  version: 1,
  namedByAttempt: false,
  announced: false,
  instanceName: 'service-api',
  reason: 'Deploy',
  noReboot: true,
  tags: {},
  requestedAt: '2025-06-05T12:00:30Z',
  stamp: '2025-06-05_12_00',
  owner: 'first',
  leaseUntil: 0,
  ...overrides,
});
