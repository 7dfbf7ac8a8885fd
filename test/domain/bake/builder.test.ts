import { describe, expect, it } from 'vitest';
import { type Builder, deadlineOf, overdue } from '../../../shared/domain/bake/builder.ts';
import { NOW } from '../../support/events.ts';
import { fc } from '../../support/property.ts';

const HOUR = 3_600_000;
const at = (ms: number) => new Date(NOW.getTime() + ms);

const builder = (overrides: Partial<Builder> = {}): Builder => ({
  instanceId: 'i-0123456789abcdef0',
  state: 'running',
  bake: 'bake-1',
  launchedAt: at(-HOUR),
  deadline: at(1).toISOString(),
  ...overrides,
});

const whyOf = (facts: Partial<Builder>) => overdue([builder(facts)], NOW)[0]?.why;

describe('deadlineOf', () => {
  it.each([
    [1, '2025-06-05T15:01:31.000Z'],
    [10, '2025-06-05T15:10:31.000Z'],
    [720, '2025-06-06T03:00:31.000Z'],
  ])('%i minutes: three hours later than its time-out', (timeoutMinutes, deadline) => {
    expect(deadlineOf(timeoutMinutes, NOW)).toBe(deadline);
  });

  it('of a builder that is started now is never over', () => {
    const minutes = fc.integer({ min: 1, max: 720 });
    fc.assert(
      fc.property(minutes, (timeoutMinutes) => {
        const deadline = deadlineOf(timeoutMinutes, NOW);
        expect(whyOf({ launchedAt: NOW, deadline })).toBeUndefined();
        expect(overdue([builder({ deadline })], at(timeoutMinutes * 60_000))).toEqual([]);
        expect(overdue([builder({ deadline })], at(16 * HOUR))).toHaveLength(1);
      }),
    );
  });
});

describe('overdue', () => {
  const over = at(-1).toISOString();

  it.each(['pending', 'running', 'stopping', 'stopped', 'a state that we do not know'])(
    'is one after its deadline that is %s',
    (state) => {
      expect(whyOf({ state, deadline: over })).toBe(`its deadline was ${over}`);
    },
  );

  it.each<[string, Partial<Builder>]>([
    ['one whose deadline is to come', {}],
    ['one whose deadline is now', { deadline: NOW.toISOString() }],
    ['one that goes already', { state: 'shutting-down', deadline: over }],
    ['one that is gone', { state: 'terminated', deadline: over }],
    [
      'one that is gone, without a deadline',
      { state: 'terminated', deadline: undefined, launchedAt: at(-99 * HOUR) },
    ],
    ['one without a deadline, a day old', { deadline: undefined, launchedAt: at(-24 * HOUR) }],
    ['one of a day whose deadline says nothing', { deadline: 'soon', launchedAt: at(-24 * HOUR) }],
    ['an old one whose deadline is to come', { launchedAt: at(-99 * HOUR) }],
  ])('is not %s', (_, facts) => {
    expect(overdue([builder(facts)], NOW)).toEqual([]);
  });

  it.each<[string, string | undefined]>([
    ['has none', undefined],
    ['is empty', ''],
    ['says nothing', 'soon'],
  ])('is one older than a day whose deadline %s', (_, deadline) => {
    expect(whyOf({ deadline, launchedAt: at(-24 * HOUR - 1) })).toBe(
      'it has no deadline, and is older than a day',
    );
  });

  it('of several are those alone, in their order', () => {
    const several = ['a', 'b', 'c', 'd'].map((instanceId, index) =>
      builder({ instanceId, deadline: index % 2 ? over : at(1).toISOString() }),
    );
    expect(overdue(several, NOW).map(({ builder: { instanceId } }) => instanceId)).toEqual(['b', 'd']);
  });

  const ms = fc.integer({ min: -100 * HOUR, max: 100 * HOUR });
  const someBuilder = fc.record({
    instanceId: fc.string(),
    bake: fc.string(),
    state: fc.constantFrom('pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'),
    launchedAt: ms.map(at),
    deadline: fc.option(
      fc.oneof(
        ms.map((each) => at(each).toISOString()),
        fc.string(),
      ),
      { nil: undefined },
    ),
  });

  it('is never one that goes or is gone, nor one before its deadline, nor a young one without', () => {
    fc.assert(
      fc.property(fc.array(someBuilder), (builders) => {
        for (const { builder: found, why } of overdue(builders, NOW)) {
          expect(['terminated', 'shutting-down']).not.toContain(found.state);
          const deadline = Date.parse(found.deadline ?? '');
          if (Number.isNaN(deadline))
            expect(found.launchedAt.getTime()).toBeLessThan(NOW.getTime() - 24 * HOUR);
          else expect(deadline).toBeLessThan(NOW.getTime());
          expect(why).not.toBe('');
        }
      }),
    );
  });

  it('leaves none for ever: two days after launch and deadline nothing is spared', () => {
    fc.assert(
      fc.property(fc.array(someBuilder), (builders) => {
        const alive = builders.filter(({ state }) => state !== 'terminated' && state !== 'shutting-down');
        // A text that happens to be a date of the year 10000 is nobody's deadline.
        const readable = alive.filter(
          ({ deadline = '' }) => !(Date.parse(deadline) > at(101 * HOUR).getTime()),
        );
        expect(overdue(readable, at(149 * HOUR))).toHaveLength(readable.length);
      }),
    );
  });
});
