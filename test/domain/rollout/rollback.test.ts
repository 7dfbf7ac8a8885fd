import { describe, expect, it } from 'vitest';
import { describeVersion } from '../../../shared/domain/retention/template-uses.ts';
import {
  inForceSince,
  lastRolledOut,
  type Present,
  rollbackOf,
  type Wish,
} from '../../../shared/domain/rollout/rollback.ts';
import { HOUR } from '../../support/clock.ts';
import { NOW } from '../../support/events.ts';
import { fc } from '../../support/property.ts';

const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * HOUR);
const present = (overrides: Partial<Present> = {}): Present => ({
  templateId: 'lt-1',
  version: 8,
  description: describeVersion('ami-8', 'deploy-8', 7),
  since: hoursAgo(1),
  ...overrides,
});
const wish = (overrides: Partial<Wish> = {}): Wish => ({ at: NOW, ...overrides });

it.each<[string, Partial<Present>, Partial<Wish>, number]>([
  ['the one that the default was made from', {}, {}, 7],
  ['not simply the number before', { description: describeVersion('ami-8', 'deploy-8', 3) }, {}, 3],
  ['the one that is asked for', {}, { version: 2 }, 2],
  ['one that is asked for, of a default made by hand', { description: 'by hand' }, { version: 2 }, 2],
  ['a later one that is asked for', {}, { version: 9 }, 9],
  ['of a default that came into force at that very moment', { since: NOW }, {}, 7],
])('goes back to %s', (_, facts, wanted, version) => {
  expect(rollbackOf(present(facts), wish(wanted))).toEqual({ version });
});

it.each<[string, Partial<Present>, Partial<Wish>, string, RegExp]>([
  ['a default made by hand', { description: 'by hand' }, {}, 'nothing-to-roll-back', /name the version/],
  ['a default without a word', { description: '' }, {}, 'nothing-to-roll-back', /Version 8.* lt-1/],
  ['the default itself', {}, { version: 8 }, 'nothing-to-roll-back', /Version 8 is the default of lt-1/],
  [
    'one made from itself',
    { description: describeVersion('ami-8', 'deploy-8', 8) },
    {},
    'nothing-to-roll-back',
    /is the default/,
  ],
  ['a default of later', {}, { at: hoursAgo(2) }, 'superseded', /after the rollback was asked for/],
  ['a default of later, by number', {}, { at: hoursAgo(2), version: 2 }, 'superseded', /lt-1/],
])('goes nowhere: %s', (_, facts, wanted, code, message) => {
  expect(rollbackOf(present(facts), wish(wanted))).toEqual({ code, message: expect.stringMatching(message) });
});

describe('whatever is asked for', () => {
  const versions = fc.integer({ min: 1, max: 20 });
  const facts = fc.record({
    version: versions,
    description: fc.oneof(
      fc.constantFrom('', 'by hand', 'amity: ami-1'),
      versions.map((from) => describeVersion('ami-8', 'deploy-8', from)),
    ),
    since: fc.integer({ min: 0, max: 4 }).map(hoursAgo),
  });
  const wishes = fc.record({
    version: fc.option(versions, { nil: undefined }),
    at: fc.integer({ min: 0, max: 4 }).map(hoursAgo),
  });

  it('it never stays where it is, and never undoes what came later', () => {
    fc.assert(
      fc.property(facts, wishes, (known, wanted) => {
        const back = rollbackOf(present(known), wanted);
        expect('code' in back && back.code === 'superseded').toBe(known.since > wanted.at);
        if ('code' in back) return;
        expect(back.version).not.toBe(known.version);
        if (wanted.version !== undefined) expect(back.version).toBe(wanted.version);
      }),
    );
  });

  it('a request that is delivered again after it was carried out goes no further back', () => {
    fc.assert(
      fc.property(facts, wishes, (known, wanted) => {
        const back = rollbackOf(present(known), wanted);
        if ('code' in back) return;
        const since = new Date(wanted.at.getTime() + 1);
        expect(rollbackOf(present({ ...known, version: back.version, since }), wanted)).toMatchObject({
          code: 'superseded',
        });
      }),
    );
  });
});

describe('lastRolledOut', () => {
  const byUs = describeVersion('ami-1', 'deploy-1', 1);
  const inForce = (imageId: string | undefined, hours: number, description = byUs) => ({
    imageId,
    description,
    createdAt: hoursAgo(hours),
  });

  it.each([
    ['nothing in force', [], undefined],
    ['one', [inForce('ami-1', 5)], 'ami-1'],
    ['the last of some', [inForce('ami-2', 3), inForce('ami-3', 1), inForce('ami-1', 5)], 'ami-3'],
    ['a later one that somebody made', [inForce('ami-1', 5), inForce('ami-9', 1, 'by hand')], 'ami-1'],
    ['only what others made', [inForce('ami-9', 1, 'by hand'), inForce('ami-8', 2, '')], undefined],
    ['ours without a word of what was before', [inForce('ami-9', 1, 'amity: ami-9')], undefined],
    ['a version without an image', [inForce(undefined, 1)], undefined],
  ])('%s: %3$s', (_, versions, imageId) => {
    expect(lastRolledOut(versions)).toBe(imageId);
    expect(lastRolledOut(versions.toReversed())).toBe(imageId);
  });
});

/** The time of an event has whole seconds. */
it.each([
  ['rollout', 'out', undefined],
  ['rollback', 'back', 'superseded'],
] as const)('asked for in the very second of a %s', (_, kind, code) => {
  const since = new Date(inForceSince({ kind, at: new Date(NOW.getTime() + 400).toISOString() }));
  const decided = rollbackOf(present({ since }), wish({ at: NOW }));
  expect('code' in decided ? decided.code : undefined).toBe(code);
});

/** An event's time has whole seconds. */
describe('inForceSince', () => {
  const asked = (kind: 'out' | 'back', done: string, at: string) => {
    const since = new Date(inForceSince({ kind, at: `2025-06-05T${done}Z` }));
    return rollbackOf(present({ since }), { at: new Date(`2025-06-05T${at}Z`) });
  };

  it.each([
    ['out', '12:00:00.999', '12:00:00'],
    ['out', '12:00:00.000', '12:00:00'],
    ['out', '12:00:00.999', '12:00:01'],
    ['back', '12:00:00.000', '12:00:00'],
    ['back', '12:00:00.001', '12:00:01'],
  ] as const)('rolled %s at %s, asked for at %s: it is heard', (kind, done, at) => {
    expect(asked(kind, done, at)).toEqual({ version: 7 });
  });

  it.each([
    ['out', '12:00:01.000', '12:00:00'],
    ['back', '12:00:00.001', '12:00:00'],
    ['back', '12:00:00.999', '12:00:00'],
  ] as const)('rolled %s at %s, asked for at %s: it was not meant', (kind, done, at) => {
    expect(asked(kind, done, at)).toMatchObject({ code: 'superseded' });
  });
});
