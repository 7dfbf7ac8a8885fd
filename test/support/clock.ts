import { afterEach, beforeEach, vi } from 'vitest';
import { NOW } from './events.ts';

/** `Date` stands still at NOW in every test of the file; timers stay real, for nothing here waits for one. */
export function stopClock(at: Date = NOW): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: at });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

export const passes = (ms: number): void => {
  vi.setSystemTime(Date.now() + ms);
};

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
