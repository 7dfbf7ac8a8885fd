import { describe, expect, it } from 'vitest';
import type { Facts, ImageFacts, SnapshotFacts } from '../../../shared/domain/retention/facts.ts';
import { type Plan, planRetention } from '../../../shared/domain/retention/plan.ts';
import { deletes, type Planned } from '../../../shared/domain/retention/planned.ts';
import { policyFor, type Retention } from '../../../shared/domain/retention/policy.ts';
import { DAY } from '../../support/clock.ts';
import { NOW } from '../../support/events.ts';
import { fc } from '../../support/property.ts';
import { afterwards, carriedOut, holdersOf, worldOf } from './acting.ts';
import { brakeless, someFacts, somePolicy } from './arbitrary.ts';

interface Touched {
  readonly action: Planned['action'];
  readonly item: ImageFacts | SnapshotFacts;
  readonly id: string;
  readonly since: Date;
}

const touched = ({ entries }: Plan): Planned[] => entries.filter(({ action }) => action !== 'keep');
const keysOf = (entries: readonly Planned[]) =>
  entries.map(({ action, imageId, snapshotId }) => `${action} ${snapshotId ?? imageId}`).toSorted();
const planned = (facts: Facts, retention: Retention) => planRetention(facts, retention, NOW);

const nameOf = ({ tags }: { readonly tags: ImageFacts['tags'] }) => tags['amity:instance-name'] ?? '';

/** Whose it is, read from the marks anew: the source is not asked about itself. */
const isForeign = ({ tags, imageName = '' }: { tags: ImageFacts['tags']; imageName?: string }) =>
  Object.keys(tags).some((key) => /^(aws|dlm):|^Ec2ImageBuilderArn$/.test(key)) ||
  tags.CreatedBy === 'EC2 Image Builder' ||
  imageName.toLowerCase().startsWith('awsbackup_');

/** What must be so of everything that is touched. */
function expectFree({ item, id }: Touched, { uses }: Facts): void {
  expect(uses.unread).toEqual([]);
  expect(uses.users.get(id)).toEqual([]);
  expect(isForeign(item)).toBe(false);
  expect(nameOf(item)).not.toBe('');
  expect(item.tags['amity:keep'] ?? 'false').toBe('false');
  expect(item.tags['amity:retention-days'] ?? '1').toMatch(/^[1-9]\d*$/);
}

/** The least age, in days, at which that may happen. */
function leastDays({ item, action }: Touched, retention: Retention): number {
  const policy = policyFor(retention, nameOf(item));
  const own = Number(item.tags['amity:retention-days'] ?? policy.days);
  const by = { deprecate: policy.deprecateDays, disable: policy.disableDays };
  return (action === 'deprecate' || action === 'disable' ? by[action] : own) ?? Number.POSITIVE_INFINITY;
}

const isAnnounced = (image: ImageFacts) =>
  image.state === 'available' &&
  !image.tags['amity:failed'] &&
  !image.tags['amity:rejected'] &&
  !isForeign(image) &&
  !Number.isNaN(image.createdAt.getTime());

function expectNotNewest(image: ImageFacts, { images }: Facts, retention: Retention): void {
  if (!isAnnounced(image)) return;
  const newer = images.filter(
    (other) =>
      isAnnounced(other) &&
      nameOf(other) === nameOf(image) &&
      (other.createdAt > image.createdAt ||
        (other.createdAt.getTime() === image.createdAt.getTime() && other.imageId > image.imageId)),
  );
  expect(newer.length).toBeGreaterThanOrEqual(policyFor(retention, nameOf(image)).keepNewest);
}

/** What a plan touches, as the facts have it. */
function foundOf({ action, imageId, snapshotId }: Planned, { images, snapshots }: Facts): Touched {
  const snapshot = snapshots.find((each) => each.snapshotId === snapshotId);
  if (snapshotId && snapshot) return { action, item: snapshot, id: snapshotId, since: snapshot.startedAt };
  const image = images.find((each) => each.imageId === imageId);
  if (snapshotId || !image) throw new Error(`There is no ${snapshotId ?? imageId}`);
  return { action, item: image, id: imageId, since: image.createdAt };
}

const everyTouched = (check: (each: Touched, facts: Facts, retention: Retention) => void) =>
  fc.assert(
    fc.property(someFacts, somePolicy, (facts, retention) => {
      for (const entry of touched(planned(facts, retention))) check(foundOf(entry, facts), facts, retention);
    }),
  );

describe('a plan', () => {
  it('never touches what is used, foreign, kept by tag, young', () => {
    everyTouched((each, facts, retention) => {
      expectFree(each, facts);
      expect(NOW.getTime() - each.since.getTime()).toBeGreaterThan(leastDays(each, retention) * DAY);
    });
  });

  it('never touches an image that is protected, pending, among the newest, or of which a snapshot is used', () => {
    everyTouched(({ item }, facts, retention) => {
      if (!('imageId' in item)) return;
      expect(['available', 'disabled', 'failed', 'error', 'invalid']).toContain(item.state);
      expect(item.isProtected).toBe(false);
      for (const id of item.snapshotIds) expect(facts.uses.users.get(id) ?? []).toEqual([]);
      expectNotNewest(item, facts, retention);
    });
  });

  it('never touches by itself a snapshot that an image has, or that is not complete', () => {
    everyTouched(({ item }, { images }) => {
      if (!('snapshotId' in item)) return;
      expect(item.state).toBe('completed');
      expect(images.filter(({ snapshotIds }) => snapshotIds.includes(item.snapshotId))).toEqual([]);
      expect(images.map(({ imageId }) => imageId)).not.toContain(item.madeFor);
    });
  });

  it('is the same whatever the order of its input, and however often each of it is listed', () => {
    const jumbled = <Item>(items: readonly Item[]) =>
      fc
        .array(fc.nat({ max: Math.max(0, items.length - 1) }), { maxLength: 10 })
        .map((again) => [
          ...items,
          ...again.map((index) => items[index]).filter((each) => each !== undefined),
        ])
        .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));
    const twice = someFacts.chain((facts) =>
      fc.tuple(
        fc.constant(facts),
        jumbled(facts.images),
        jumbled(facts.snapshots),
        jumbled([...facts.uses.users]),
      ),
    );
    fc.assert(
      fc.property(twice, somePolicy, ([facts, images, snapshots, users], retention) => {
        const other = { images, snapshots, uses: { ...facts.uses, users: new Map(users) } };
        expect(planned(other, retention)).toEqual(planned(facts, retention));
      }),
    );
  });

  it('tells of every image of ours, and of each once', () => {
    fc.assert(
      fc.property(someFacts, somePolicy, (facts, retention) => {
        const { entries } = planned(facts, retention);
        const ours = facts.images.filter(({ tags }) => 'amity:instance-name' in tags);
        const told = entries.filter(({ snapshotId }) => !snapshotId).map(({ imageId }) => imageId);
        expect(told.toSorted()).toEqual(ours.map(({ imageId }) => imageId).toSorted());
        for (const { action, wanted, against } of entries) {
          expect(action === wanted || action === 'keep').toBe(true);
          expect(against.length > 0).toBe(action === 'keep');
        }
      }),
    );
  });

  it('deletes never more than the cap, and nothing above the share', () => {
    fc.assert(
      fc.property(someFacts, somePolicy, (facts, retention) => {
        const plan = planned(facts, retention);
        expect(plan.entries.filter(deletes).length).toBeLessThanOrEqual(retention.maxDeletionsPerRun);
        const all = touched(planned(facts, brakeless(retention)));
        const doomed = all.filter(({ action }) => action === 'delete' || action === 'disable');
        const ours = facts.images.filter((image) => nameOf(image) !== '' && !isForeign(image));
        const share = doomed.length / ours.length;
        expect(plan.stopped !== undefined).toBe(ours.length >= 20 && share > retention.stopAboveShare);
        if (plan.stopped) expect(touched(plan)).toEqual([]);
      }),
    );
  });
});

/** More that is known to be used, that could not be read, or that nobody has asked about. */
const fewerKnown = someFacts.chain((facts) =>
  fc.tuple(
    fc.constant(facts),
    fc
      .tuple(
        fc.subarray([...facts.uses.users.keys()]),
        fc.subarray([...facts.uses.users.keys()]).map((ids) => ids.slice(0, 3)),
        fc.boolean().map((more) => (more ? ['instances: Throttled'] : [])),
      )
      .map(([used, unasked, unread]): Facts => {
        const users = new Map(facts.uses.users);
        for (const id of used) users.set(id, [...(users.get(id) ?? []), 'instance/i-9']);
        for (const id of unasked) if (users.get(id)?.length === 0) users.delete(id);
        return { ...facts, uses: { users, unread: [...facts.uses.unread, ...unread] } };
      }),
  ),
);

describe('more references', () => {
  it('never have anything touched that would be left alone without them, the brakes aside', () => {
    fc.assert(
      fc.property(fewerKnown, somePolicy, ([facts, other], retention) => {
        const before = keysOf(touched(planned(facts, brakeless(retention))));
        expect(before).toEqual(expect.arrayContaining(keysOf(touched(planned(other, brakeless(retention))))));
      }),
    );
  });

  it('never have more deleted: the cap’s places may go to others, and one that was stopped may go on', () => {
    fc.assert(
      fc.property(fewerKnown, somePolicy, ([facts, other], retention) => {
        const [before, after] = [planned(facts, retention), planned(other, retention)];
        // What is in use is not doomed: the share falls, so that a plan that was stopped may be one that is not.
        if (before.stopped) return;
        expect(after.stopped).toBeUndefined();
        expect(after.entries.filter(deletes).length).toBeLessThanOrEqual(
          before.entries.filter(deletes).length,
        );
      }),
    );
  });
});

describe('what is unknown', () => {
  const undated = new Date(Number.NaN);
  const each = (facts: Facts, ofImage: object, ofSnapshot: object, tags: ImageFacts['tags'] = {}): Facts => ({
    ...facts,
    images: facts.images.map((image) => ({ ...image, ...ofImage, tags: { ...image.tags, ...tags } })),
    snapshots: facts.snapshots.map((one) => ({ ...one, ...ofSnapshot, tags: { ...one.tags, ...tags } })),
  });
  it.each<[string, (facts: Facts) => Facts]>([
    ['users', (facts) => ({ ...facts, uses: { ...facts.uses, users: new Map() } })],
    ['a source', (facts) => ({ ...facts, uses: { ...facts.uses, unread: ['copies'] } })],
    ['dates', (facts) => each(facts, { createdAt: undated }, { startedAt: undated })],
    ['states', (facts) => each(facts, { state: 'unheard-of' }, { state: 'unheard-of' })],
    ['days', (facts) => each(facts, {}, {}, { 'amity:retention-days': 'soon' })],
    ['owners', (facts) => each(facts, {}, {}, { 'amity:instance-name': '' })],
    ['restorations', (facts) => each({ ...facts, snapshots: [] }, {}, {}, { 'amity:restored-at': 'lately' })],
  ])('is left alone: %s', (_, forget) => {
    fc.assert(
      fc.property(someFacts, somePolicy, (facts, retention) => {
        expect(touched(planned(forget(facts), retention))).toEqual([]);
      }),
    );
  });

  it('does not stand in the way of what is known: these properties have something to say', () => {
    const done = { keep: 0, deprecate: 0, disable: 0, delete: 0, 'delete-snapshot': 0, stopped: 0 };
    fc.assert(
      fc.property(someFacts, somePolicy, (facts, retention) => {
        const { entries, stopped } = planned(facts, retention);
        for (const { action } of entries) done[action] += 1;
        if (stopped) done.stopped += 1;
      }),
    );
    const fewest = Math.floor((fc.readConfigureGlobal()?.numRuns ?? 0) / 50);
    for (const [what, often] of Object.entries(done)) expect(often, what).toBeGreaterThanOrEqual(fewest);
  });
});

describe('acting on a plan', () => {
  it('leaves nothing for a second run, but for the snapshots that only now nobody needs', () => {
    fc.assert(
      fc.property(someFacts, somePolicy, (facts, { maxDeletionsPerRun: _, ...retention }) => {
        const lifted = { ...retention, maxDeletionsPerRun: Number.POSITIVE_INFINITY };
        const done = touched(planned(facts, lifted));
        const gone = new Set(done.filter(({ action }) => action === 'delete').map(({ imageId }) => imageId));
        // Made for an image that did not have it (it had failed): while that was there, nobody could say so.
        const left = touched(planned(afterwards(facts, done, NOW), lifted)).filter(
          ({ action, imageId }) => action !== 'delete-snapshot' || !gone.has(imageId),
        );
        expect(left).toEqual([]);
      }),
    );
  });

  it('deletes a snapshot only after its last image', () => {
    fc.assert(
      fc.property(someFacts, somePolicy, (facts, retention) => {
        let world = worldOf(facts);
        for (const entry of touched(planned(facts, retention))) {
          const after = carriedOut(entry, world, NOW);
          for (const id of world.snapshotIds) {
            if (after.snapshotIds.has(id)) continue;
            expect(entry.snapshotIds).toContain(id);
            expect(holdersOf(id, after)).toEqual([]);
          }
          world = after;
        }
      }),
    );
  });

  it('never takes again what was restored: whatever it was, it is young', () => {
    fc.assert(
      fc.property(someFacts, somePolicy, (facts, retention) => {
        const at = { 'amity:restored-at': NOW.toISOString() };
        const images = facts.images.map((image) => ({ ...image, tags: { ...image.tags, ...at } }));
        for (const { snapshotId, wanted, against } of planned({ ...facts, images }, retention).entries) {
          if (!snapshotId) expect({ wanted, against }).toEqual({ wanted: 'keep', against: ['young'] });
        }
      }),
    );
  });
});
