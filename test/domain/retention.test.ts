import { describe, expect, it } from 'vitest';
import {
  type OwnImage,
  overdue,
  planRetention,
  type RetentionPolicy,
} from '../../shared/domain/retention.ts';
import { DAY } from '../support/clock.ts';
import { NOW } from '../support/events.ts';
import { fc } from '../support/property.ts';

const policy: RetentionPolicy = { days: 14, keepNewest: 2, maxDeletionsPerRun: 50 };

const image = (imageId: string, ageDays: number, overrides: Partial<OwnImage> = {}): OwnImage => ({
  imageId,
  imageName: `name-of-${imageId}`,
  instanceName: 'service-api',
  state: 'available',
  createdAt: new Date(NOW.getTime() - ageDays * DAY),
  ...overrides,
});
const unused = (images: readonly OwnImage[]) =>
  new Map(images.map(({ imageId }): [string, string[]] => [imageId, []]));
const planned = (images: OwnImage[], references = unused(images) as Map<string, string[]> | 'unreadable') =>
  planRetention(images, references, policy, NOW);
const idsOf = (some: readonly { imageId: string }[]) => some.map(({ imageId }) => imageId);
const young = [image('new-1', 1), image('new-2', 2)];

describe('planRetention', () => {
  it.each([
    [14, []],
    [14.001, ['old']],
    [13.999, []],
    [400, ['old']],
  ])('an image of %d days: %o', (age, deleted) => {
    expect(idsOf(planned([...young, image('old', age)]).delete)).toEqual(deleted);
  });

  it('keeps the newest two of each name, however old', () => {
    const images = [
      ...[30, 40, 50].map((age) => image(`api-${age}`, age)),
      ...[20, 60].map((age) => image(`worker-${age}`, age, { instanceName: 'service-worker' })),
    ];
    const plan = planned(images);
    expect(idsOf(plan.delete)).toEqual(['api-50']);
    expect(plan.kept.every(({ reason }) => reason === 'newest')).toBe(true);
    expect(plan.kept).toHaveLength(4);
  });

  it('counts only available images among the newest', () => {
    const images = [image('failed', 15, { state: 'failed' }), image('a', 20), image('b', 30), image('c', 40)];
    expect(idsOf(planned(images).delete)).toEqual(['c', 'failed']);
  });

  it.each(['available', 'failed', 'error', 'invalid', 'disabled'])('deletes what is settled: %s', (state) => {
    expect(idsOf(planned([...young, image('old', 20, { state })]).delete)).toEqual(['old']);
  });

  it.each(['pending', 'transient', 'deregistered', 'a-state-of-next-year'])(
    'keeps what is not: %s',
    (state) => {
      const { delete: deleted, kept } = planned([...young, image('old', 20, { state })]);
      expect(deleted).toEqual([]);
      expect(kept).toMatchObject([{ imageId: 'old', reason: `state ${state}`, ageDays: 20 }]);
    },
  );

  it.each([
    [['instance/i-1'], 'in use: instance/i-1'],
    [['1', '2', '3', '4', '5'], 'in use: 1, 2, 3, 4, 5'],
    [['1', '2', '3', '4', '5', '6', '7'], 'in use: 1, 2, 3, 4, 5 and 2 more'],
  ])('keeps what is in use by %o', (users, reason) => {
    const plan = planned([...young, image('old', 20)], new Map([['old', users]]));
    expect(plan).toEqual({ delete: [], kept: [expect.objectContaining({ imageId: 'old', reason })] });
  });

  it.each([
    ['none could be read', 'unreadable' as const],
    ['those of this image are missing', new Map<string, string[]>()],
  ])('keeps everything when references are unknown: %s', (_, references) => {
    const plan = planned([...young, image('old', 20)], references);
    expect(plan).toMatchObject({ delete: [], kept: [{ reason: 'references unreadable' }] });
  });

  it('deletes the oldest up to the cap and leaves the rest to the next run', () => {
    const images = [20, 30, 40, 50].map((age) => image(`old-${age}`, age));
    const plan = planRetention(
      [...young, ...images],
      unused(images),
      { ...policy, maxDeletionsPerRun: 3 },
      NOW,
    );
    expect(idsOf(plan.delete)).toEqual(['old-50', 'old-40', 'old-30']);
    expect(plan.kept).toMatchObject([{ imageId: 'old-20', reason: 'cap' }]);
  });

  it('an unreadable date never makes an image old, nor another one look newer', () => {
    const undated = ['0', 'm', 'z'].map((id) => image(id, 0, { createdAt: new Date('') }));
    const plan = planned([image('a', 20), ...undated, image('b', 30), image('c', 40)]);
    expect(idsOf(plan.delete)).toEqual(['c']);
    expect(plan.kept.map(({ imageId, reason }) => `${imageId} ${reason}`)).toEqual(['b newest', 'a newest']);
  });
});

describe('planRetention, as properties', () => {
  const someImages = fc.uniqueArray(
    fc
      .record({
        id: fc.stringMatching(/^[0-9a-f]{3}$/),
        age: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(Number.NaN)),
        instanceName: fc.constantFrom('a', 'b'),
        state: fc.constantFrom('available', 'available', 'failed', 'pending', 'unheard-of'),
        users: fc.option(fc.array(fc.string(), { maxLength: 2 })),
      })
      .map(({ id, age, users, ...facts }) => ({ users, image: image(id, age, facts) })),
    { selector: (each) => each.image.imageId, maxLength: 30 },
  );
  const somePolicy = fc.record({
    days: fc.integer({ min: 1, max: 30 }),
    keepNewest: fc.integer({ min: 1, max: 4 }),
    maxDeletionsPerRun: fc.integer({ min: 0, max: 10 }),
  });
  const referencesOf = (some: readonly { users: string[] | null; image: OwnImage }[]) =>
    new Map(some.flatMap(({ users, image: { imageId } }) => (users ? [[imageId, users] as const] : [])));

  it('never deletes the young, the newest, the used, the unknown, and never more than the cap', () => {
    fc.assert(
      fc.property(someImages, somePolicy, (some, rules) => {
        const images = some.map((each) => each.image);
        const plan = planRetention(images, referencesOf(some), rules, NOW);
        expect(plan.delete.length).toBeLessThanOrEqual(rules.maxDeletionsPerRun);
        for (const { imageId } of plan.delete) {
          const found = some.find((each) => each.image.imageId === imageId);
          expect(found?.users).toEqual([]);
          expect(['available', 'failed']).toContain(found?.image.state);
          expect(NOW.getTime() - Number(found?.image.createdAt)).toBeGreaterThan(rules.days * DAY);
          const newer = images.filter(
            ({ state, instanceName, createdAt }) =>
              state === 'available' &&
              instanceName === found?.image.instanceName &&
              createdAt >= found.image.createdAt,
          );
          if (found?.image.state === 'available') expect(newer.length).toBeGreaterThan(rules.keepNewest);
        }
      }),
    );
  });

  it('says something of everything that is old enough, once', () => {
    fc.assert(
      fc.property(someImages, somePolicy, (some, rules) => {
        const images = some.map((each) => each.image);
        const plan = planRetention(images, referencesOf(some), rules, NOW);
        const told = [...idsOf(plan.delete), ...idsOf(plan.kept)];
        expect(told.toSorted()).toEqual(idsOf(overdue(images, rules, NOW)).toSorted());
      }),
    );
  });

  it('does not depend on the order in which EC2 lists the images', () => {
    const shuffled = someImages.chain((some) =>
      fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
    );
    fc.assert(
      fc.property(shuffled, somePolicy, ([some, others], rules) => {
        const [one, other] = [some, others].map((each) =>
          planRetention(
            each.map((of) => of.image),
            referencesOf(each),
            rules,
            NOW,
          ),
        );
        expect(other).toEqual(one);
      }),
    );
  });

  it('deletes nothing when references are unreadable', () => {
    fc.assert(
      fc.property(someImages, somePolicy, (some, rules) => {
        const images = some.map((each) => each.image);
        expect(planRetention(images, 'unreadable', rules, NOW).delete).toEqual([]);
      }),
    );
  });
});
