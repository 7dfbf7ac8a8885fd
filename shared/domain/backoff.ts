const FIRST_SECONDS = 15;
const LONGEST_SECONDS = 15 * 60;

/**
 * Seconds to hide a message that EC2 slowed down: 15 s, doubling to 15 min, each shortened by up to a
 * quarter so that a burst does not come back as a burst.
 * @param receives how often the queue has delivered it, from 1
 * @param random from 0 to 1
 */
export function hideSeconds(receives: number, random: number): number {
  const full = Math.min(FIRST_SECONDS * 2 ** Math.min(receives - 1, 20), LONGEST_SECONDS);
  return Math.round(Math.max(FIRST_SECONDS, full * (1 - random / 4)));
}
