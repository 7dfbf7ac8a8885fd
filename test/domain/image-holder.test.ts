import { describe, expect, it } from 'vitest';
import { type Holder, holdingOf, nextName } from '../../shared/domain/image-holder.ts';
import { imageName } from '../../shared/domain/image-name.ts';
import { nameParts } from '../../shared/domain/request.ts';
import { fc } from '../support/property.ts';
import { record } from '../support/request-record.ts';

const holder = (overrides: Partial<Holder> = {}): Holder => ({
  imageId: 'ami-1',
  state: 'pending',
  tags: { 'amity:request-id': 'one', 'amity:instance-name': 'service-api' },
  ...overrides,
});

describe('holdingOf', () => {
  it.each<[string, Partial<Holder>, string | undefined, string]>([
    ['ours, never written down', {}, undefined, 'adopt'],
    ['ours, written down', {}, record().key, 'adopt'],
    ['ours and available', { state: 'available' }, undefined, 'adopt'],
    ['ours and transient', { state: 'transient' }, undefined, 'adopt'],
    ['ours and failed', { state: 'failed' }, undefined, 'our-failed'],
    ['ours and of an unknown state', { state: 'new' }, undefined, 'our-failed'],
    ['with our id, but recorded for another source', {}, 'request#1#other#one', 'another'],
    ['of another request', { tags: { 'amity:request-id': 'two' } }, undefined, 'another'],
    ['without tags', { tags: {} }, undefined, 'another'],
    ['of another instance name', { tags: { 'amity:request-id': 'one' } }, undefined, 'another'],
  ])('%s: %3$s', (_, facts, requestKey, holding) => {
    expect(holdingOf(holder(facts), record(), requestKey)).toBe(holding);
  });
});

describe('nextName', () => {
  it.each([
    ['our-failed', {}, { namedByAttempt: true }],
    ['our-failed', { clash: 'abc123' }, { clash: 'abc123', namedByAttempt: true }],
    ['another', {}, { clash: 'fedcba' }],
    ['another', { namedByAttempt: true, attempt: 2 }, { clash: 'fedcba', namedByAttempt: true }],
  ] as const)('%s, %o: %o', (holding, facts, next) => {
    expect(nextName(record(facts), holding, 'fedcba')).toMatchObject(next);
  });

  it.each([
    ['our-failed', { namedByAttempt: true }],
    ['another', { clash: 'abc123' }],
  ] as const)('%s, %o: none is left', (holding, facts) => {
    expect(nextName(record(facts), holding, 'fedcba')).toBeUndefined();
  });

  it('gives up after at most three names, all different', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.constantFrom('our-failed', 'another' as const)), (holdings) => {
        const names = new Set<string>();
        let next: ReturnType<typeof nextName> = record({ attempt: 2 });
        while (next) {
          const name = imageName(nameParts(next));
          expect(names).not.toContain(name);
          names.add(name);
          next = nextName(next, holdings.next().value, 'fedcba');
        }
        expect(names.size).toBeLessThanOrEqual(3);
      }),
    );
  });
});
