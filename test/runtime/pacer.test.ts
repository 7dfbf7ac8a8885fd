import { beforeEach, describe, expect, it, vi } from 'vitest';
import { pacer } from '../../shared/runtime/pacer.ts';
import { passes, stopClock } from '../support/clock.ts';
import { sleep } from '../support/fake-sleep.ts';

vi.mock('../../shared/runtime/sleep.ts', () => import('../support/fake-sleep.ts'));
stopClock();
beforeEach(() => {
  sleep.mockClear();
});

/** When each of so many calls, one after the other, is let through: ms from the first. */
async function moments(next: () => Promise<void>, count: number): Promise<number[]> {
  const start = Date.now();
  const found: number[] = [];
  for (let call = 0; call < count; call += 1) {
    await next();
    found.push(Math.round(Date.now() - start));
  }
  return found;
}

describe('a pacer of 3 at once, and then 2 a second', () => {
  const pace = { size: 3, refill: 2 };

  it('lets the burst through, and then one each half second', async () => {
    expect(await moments(pacer(pace), 6)).toEqual([0, 0, 0, 500, 1000, 1500]);
  });

  it('that begins empty has no burst', async () => {
    expect(await moments(pacer(pace, true), 3)).toEqual([500, 1000, 1500]);
  });

  it('fills up while nobody asks, and no further than its size', async () => {
    const next = pacer(pace);
    await moments(next, 3);
    passes(1_000);
    expect(await moments(next, 3)).toEqual([0, 0, 500]);
    passes(60_000);
    expect(await moments(next, 4)).toEqual([0, 0, 0, 500]);
  });

  it('gives those who ask at once their own moments', async () => {
    // The clock stands still: who waits does not move it for the others.
    sleep.mockImplementation(async () => undefined);
    const next = pacer(pace);
    await Promise.all(Array.from({ length: 6 }, next));
    expect(sleep.mock.calls.map(([ms]) => Math.round(ms))).toEqual([500, 1000, 1500]);
    sleep.mockReset();
  });

  it('never lets more through in any time than a bucket would', async () => {
    sleep.mockImplementation(async (ms) => passes(ms));
    const times = await moments(pacer(pace), 40);
    for (const [index, from] of times.entries()) {
      for (const [count, to] of times.slice(index).entries())
        expect(count + 1).toBeLessThanOrEqual(3 + ((to - from) / 1000) * 2 + 1e-6);
    }
  });
});
