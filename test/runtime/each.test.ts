import { describe, expect, it } from 'vitest';
import { each } from '../../shared/runtime/each.ts';
import { TryAgainLater } from '../../shared/runtime/errors.ts';
import { fc } from '../support/property.ts';

/** Notes what is done, and how much of it at once. */
function worker(fails: (item: number) => unknown = () => undefined) {
  const seen = { done: [] as number[], most: 0, now: 0 };
  const act = async (item: number) => {
    seen.now += 1;
    seen.most = Math.max(seen.most, seen.now);
    await Promise.resolve();
    seen.now -= 1;
    const error = fails(item);
    if (error) throw error;
    seen.done.push(item);
  };
  return { seen, act };
}
const items = (count: number) => Array.from({ length: count }, (_, index) => index);
const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('each', () => {
  it('does something with each item, so many at once', async () => {
    const { seen, act } = worker();
    await each(items(12), 5, act);
    expect(seen.done).toEqual(items(12));
    expect(seen.most).toBe(5);
  });

  it('is content with nothing', async () => {
    const { seen, act } = worker();
    await each([], 5, act);
    expect(seen.done).toEqual([]);
  });

  it('goes on after a failure, and throws it as it is at the end', async () => {
    const broken = new TryAgainLater('busy', 77);
    const { seen, act } = worker((item) => item === 1 && broken);
    expect(await caught(each(items(12), 5, act))).toBe(broken);
    expect(seen.done).toEqual(items(12).filter((item) => item !== 1));
  });

  it('throws all that failed, of whatever kind', async () => {
    const errors = new Map<number, unknown>([
      [1, new Error('first')],
      [7, 'second'],
      [11, new Error('third')],
    ]);
    const { seen, act } = worker((item) => errors.get(item));
    const error = await caught(each(items(12), 5, act));
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({
      errors: [...errors.values()],
      message: '3 of 12 failed: Error: first; second; Error: third',
    });
    expect(seen.done).toHaveLength(9);
  });

  it('an act that throws before it begins is a failure like others', async () => {
    const { seen, act } = worker();
    const error = await caught(
      each(items(3), 3, (item) => {
        if (item === 0) throw new Error('at once');
        return act(item);
      }),
    );
    expect(error).toMatchObject({ message: 'at once' });
    expect(seen.done).toEqual([1, 2]);
  });

  it('leaves the rest to another call when the time is over, and says so', async () => {
    const { seen, act } = worker();
    const error = await caught(each(items(12), 5, act, () => seen.done.length < 10));
    expect(seen.done).toEqual(items(10));
    expect(error).toBeInstanceOf(TryAgainLater);
  });

  it('with the time over, what failed is not forgotten', async () => {
    const { seen, act } = worker((item) => item === 2 && new Error('broken'));
    const error = await caught(each(items(12), 5, act, () => seen.done.length < 4));
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({ errors: [{ message: 'broken' }, expect.any(TryAgainLater)] });
  });

  it('misses nothing and does nothing twice, however many at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 10 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 29 })),
        async (count, atOnce, failing) => {
          const { seen, act } = worker((item) => failing.includes(item) && new Error(String(item)));
          const error = await caught(each(items(count), atOnce, act));
          const failed = items(count).filter((item) => failing.includes(item));
          expect(seen.done).toEqual(items(count).filter((item) => !failing.includes(item)));
          expect(seen.most).toBeLessThanOrEqual(atOnce);
          const thrown = error instanceof AggregateError ? error.errors : error ? [error] : [];
          expect(thrown.map(({ message }) => message)).toEqual(failed.map(String));
        },
      ),
    );
  });
});
