import { expect, it } from 'vitest';
import { hideSeconds } from '../../shared/domain/backoff.ts';
import { fc } from '../support/property.ts';

it.each([
  [1, 0, 15],
  [2, 0, 30],
  [3, 0, 60],
  [6, 0, 480],
  [7, 0, 900],
  [1000, 0, 900],
  [1, 1, 15],
  [2, 1, 23],
  [7, 1, 675],
])('received %i times, random %d: %i s', (receives, random, seconds) => {
  expect(hideSeconds(receives, random)).toBe(seconds);
});

it('stays between 15 s and 15 min in whole seconds, and never shrinks with more receives', () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), random, (receives, shortened) => {
      const seconds = hideSeconds(receives, shortened);
      expect(Number.isInteger(seconds)).toBe(true);
      expect(seconds).toBeGreaterThanOrEqual(15);
      expect(seconds).toBeLessThanOrEqual(900);
      expect(hideSeconds(receives + 1, shortened)).toBeGreaterThanOrEqual(seconds);
    }),
  );
});
