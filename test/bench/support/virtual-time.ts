import { syncBuiltinESMExports } from 'node:module';
import { mock } from 'node:test';
import promises from 'node:timers/promises';

/** Of the real ones: everything that is not a timer goes on in real time, and first. */
const settle = promises.setImmediate;
const { random } = Math;
const { setTimeout: later, clearTimeout: cancel } = globalThis;
const { setTimeout: waiting } = promises;

/** So often nothing at all may be under way. */
const MOST_IDLE_TURNS = 100_000;

interface Timer {
  readonly at: number;
  readonly ring: () => void;
}

/**
 * Does some work in a time of its own: where all wait, the clock jumps to the earliest timer. `Date`, `setTimeout` (that
 * of node:timers/promises too, which is what our code sleeps by) and `Math.random` (the SDK's jitter) are those of this
 * time while it lasts, so that two runs are the same to the millisecond. What it does must wait for timers only.
 * Gives how long it took by that clock, in milliseconds.
 */
export async function inVirtualTime(start: Date, work: () => Promise<void>): Promise<number> {
  const timers: Timer[] = [];
  let now = start.getTime();
  const after = (ms: number, ring: () => void): Timer => {
    const timer = { at: now + Math.max(0, ms), ring };
    timers.splice(timers.findLastIndex(({ at }) => at <= timer.at) + 1, 0, timer);
    return timer;
  };
  mock.timers.enable({ apis: ['Date'], now });
  Math.random = seeded(20_261_121);
  Object.assign(globalThis, {
    setTimeout: (ring: () => void, ms = 0) => after(ms, ring),
    clearTimeout: (timer: Timer) => timers.includes(timer) && timers.splice(timers.indexOf(timer), 1),
  });
  Object.assign(promises, { setTimeout: (ms = 0) => new Promise<void>((ring) => after(ms, ring)) });
  syncBuiltinESMExports();
  try {
    let ended = false;
    const worked = work().finally(() => {
      ended = true;
    });
    // Whatever goes wrong in it is thrown below.
    worked.catch(() => undefined);
    for (let idle = 0; idle < MOST_IDLE_TURNS; idle += 1) {
      await settle();
      if (ended) break;
      const next = timers.shift();
      if (!next) continue;
      idle = 0;
      now = next.at;
      mock.timers.setTime(now);
      next.ring();
    }
    if (!ended) throw new Error('The work waits for something that is no timer');
    await worked;
    return now - start.getTime();
  } finally {
    Math.random = random;
    Object.assign(globalThis, { setTimeout: later, clearTimeout: cancel });
    Object.assign(promises, { setTimeout: waiting });
    syncBuiltinESMExports();
    mock.timers.reset();
  }
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
