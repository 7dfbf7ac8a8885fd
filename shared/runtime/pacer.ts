import { sleep } from './sleep.ts';

/** EC2 lets an account do something so many times at once, and then so many times a second. */
export interface Pace {
  readonly size: number;
  readonly refill: number;
}

/**
 * Lets through as many as a token bucket would, and makes the others wait: what would be throttled is not sent. A bucket
 * that begins `empty` goes on where another one, used up, has ended.
 */
export function pacer({ size, refill }: Pace, empty = false): () => Promise<void> {
  const interval = 1000 / refill;
  const burst = size * interval;
  let free = empty ? Date.now() : Date.now() - burst;
  return async () => {
    const now = Date.now();
    free = Math.max(free, now - burst) + interval;
    if (free > now) await sleep(free - now);
  };
}
