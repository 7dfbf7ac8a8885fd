import { describe, expect, it } from 'vitest';
import { pointerOf } from '../../../shared/domain/rollout/pointer.ts';
import { fc } from '../../support/property.ts';

describe('pointerOf', () => {
  it.each([
    ['service-api', 'service-api'],
    ['Service_API.v2', 'Service_API.v2'],
    ['team/service-api', 'team/service-api'],
    ['service api', 'service-api'],
    ['service:api@eu', 'service-api-eu'],
    ['dienst-größe', 'dienst-gr--e'],
    ['api 🚀', 'api--'],
    ['/', '-'],
    ['//', '--'],
    ['/service-api', '-service-api'],
    ['service-api/', 'service-api-'],
    ['a//b', 'a-/b'],
    ['a///b', 'a--/b'],
    ['1/2/3/4/5/6/7/8/9/10/11/12', '1/2/3/4/5/6/7/8/9/10/11/12'],
    ['1/2/3/4/5/6/7/8/9/10/11/12/13/14', '1/2/3/4/5/6/7/8/9/10/11/12-13-14'],
  ])('%s is at %s', (instanceName, shown) => {
    expect(pointerOf(instanceName)).toBe(`/amity/images/${shown}/latest`);
  });

  const names = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 255 }),
    fc.string({
      unit: fc.constantFrom('a', 'B', '7', '/', '/', '-', '.', '_', ' ', 'ß', '🚀'),
      minLength: 1,
    }),
    fc
      .array(fc.constantFrom('a', '', 'b'), { minLength: 1, maxLength: 30 })
      .map((all) => `x${all.join('/')}`),
  );

  it('is a name that SSM takes, whatever the instance is called', () => {
    fc.assert(
      fc.property(names, (instanceName) => {
        const name = pointerOf(instanceName);
        expect(name).toMatch(/^\/amity\/images\/[A-Za-z0-9_./-]+\/latest$/);
        const levels = name.split('/').slice(1);
        expect(levels.length).toBeLessThanOrEqual(15);
        expect(levels).not.toContain('');
        // SSM takes 1,011, the ARN before the name included.
        expect(name.length).toBeLessThanOrEqual(255 + 22);
      }),
    );
  });

  it('says a legal name as it is, and so its own words once more the same', () => {
    const shownIn = (name: string) => name.slice('/amity/images/'.length, -'/latest'.length);
    fc.assert(
      fc.property(names, (instanceName) => {
        const shown = shownIn(pointerOf(instanceName));
        expect(pointerOf(shown)).toBe(pointerOf(instanceName));
      }),
    );
    const levels = fc.array(fc.stringMatching(/^[A-Za-z0-9_.-]{1,10}$/), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(levels, (each) => {
        expect(shownIn(pointerOf(each.join('/')))).toBe(each.join('/'));
      }),
    );
  });
});
