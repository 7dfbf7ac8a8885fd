/** Images and snapshots that may go in one run. */
export const CAP = 25;

/** What several test files deploy, so that it is synthesized once for all of them: each uses a part of it. */
export const RETENTION = {
  policies: [
    { names: ['staged', 'staged-*'], deprecateDays: 5, disableDays: 10, days: 20, keepNewest: 1 },
    { names: ['brief', 'brief-*'], days: 3, keepNewest: 1 },
    // The first that matches counts.
    { names: ['brief-*'], days: 1, keepNewest: 1 },
  ],
  maxDeletionsPerRun: CAP,
  stopAboveShare: 0.8,
};
