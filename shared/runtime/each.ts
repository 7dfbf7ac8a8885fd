import { chunks } from './chunks.ts';
import { TryAgainLater } from './errors.ts';

/**
 * Does something with each item, so many at once. What fails does not keep the others from it: it is thrown at the end,
 * all of it. When the time is over, the rest is for another call.
 */
export async function each<Item>(
  items: readonly Item[],
  atOnce: number,
  act: (item: Item) => Promise<unknown>,
  hasTime: () => boolean = () => true,
): Promise<void> {
  const errors: unknown[] = [];
  for (const some of chunks(items, atOnce)) {
    if (!hasTime()) {
      errors.push(new TryAgainLater('The time of this function is over; another call goes on', 1));
      break;
    }
    const results = await Promise.allSettled(some.map(async (item) => act(item)));
    errors.push(...results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : [])));
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) {
    throw new AggregateError(
      errors,
      `${errors.length} of ${items.length} failed: ${errors.map(String).join('; ')}`,
    );
  }
}
