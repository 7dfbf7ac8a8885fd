/** Every code that an `AmiMoveFailed` can carry, and what it means; the documentation is made from it. */
export const MOVE_FAILURE_MEANINGS = {
  'invalid-request':
    'The detail of an `AmiMoveRequested` is no request; the message names every wrong field.',
} as const;
export const MOVE_FAILURES = ['invalid-request'] as const;
