import { describe, expect, it } from 'vitest';
import { isNewlyBased } from '../../../shared/domain/bake/newly-based.ts';
import { fc } from '../../support/property.ts';

const NAME = 'service-web';
const OLD = 'ami-00000000000000001';
const NEW = 'ami-00000000000000002';

interface Facts {
  readonly base?: string | undefined;
  readonly createdAt?: string;
  readonly state?: string;
  readonly name?: string;
}

const baked = ({
  base = OLD,
  createdAt = '2025-06-05T12:00:00.000Z',
  state = 'available',
  name = NAME,
}: Facts) => ({
  state,
  createdAt,
  tags: { 'amity:instance-name': name, 'amity:base-image': base },
});
const made = (createdAt: string) => ({
  state: 'available',
  createdAt,
  tags: { 'amity:instance-name': NAME },
});

const YOUNGER = '2025-06-06T12:00:00.000Z';

describe('isNewlyBased', () => {
  it.each<[string, Parameters<typeof isNewlyBased>[2], boolean]>([
    ['there is no image', [], true],
    ['the newest has another base', [baked({ base: OLD })], true],
    ['the newest has this base', [baked({ base: NEW })], false],
    ['an older one has this base', [baked({ base: NEW }), baked({ base: OLD, createdAt: YOUNGER })], true],
    ['a newer one has this base', [baked({ base: OLD }), baked({ base: NEW, createdAt: YOUNGER })], false],
    [
      'the newest of any order has it',
      [baked({ base: NEW, createdAt: YOUNGER }), baked({ base: OLD })],
      false,
    ],
    ['it is being baked', [baked({ base: NEW, state: 'pending' })], false],
    ['it failed', [baked({ base: NEW, state: 'failed' })], true],
    ['it is gone', [baked({ base: NEW, state: 'deregistered' })], true],
    ['it was baked for another name', [baked({ base: NEW, name: 'service-db' })], true],
    ['a younger one was made of an instance', [baked({ base: NEW }), made(YOUNGER)], false],
    ['only instances were imaged', [made(YOUNGER)], true],
  ])('where %s: %3$s', (_, images, expected) => {
    expect(isNewlyBased(NAME, NEW, images)).toBe(expected);
  });

  it('does not depend on the order in which EC2 lists them, and changes none of the list', () => {
    const images = fc.uniqueArray(
      fc.record({
        base: fc.constantFrom(OLD, NEW),
        createdAt: fc.integer({ min: 0, max: 1e9 }).map((seconds) => new Date(seconds * 1000).toISOString()),
        state: fc.constantFrom('available', 'pending', 'failed'),
      }),
      { selector: ({ createdAt }) => createdAt },
    );
    fc.assert(
      fc.property(images, (facts) => {
        const listed = facts.map(baked);
        const turned = Object.freeze(listed.toReversed());
        expect(isNewlyBased(NAME, NEW, turned)).toBe(isNewlyBased(NAME, NEW, Object.freeze(listed)));
      }),
    );
  });
});
