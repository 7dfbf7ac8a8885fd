import { vi } from 'vitest';

/** Stands in for `shared/runtime/sleep.ts`: the (fake) clock moves, the test does not wait. */
export const sleep = vi.fn(async (ms: number): Promise<void> => {
  if (vi.isFakeTimers()) vi.setSystemTime(Date.now() + ms);
});
