import { describe, expect, it } from 'vitest';
import { requestId } from '../../shared/events/fields.ts';
import { derivedRequestId, hashOf, requestKey } from '../../shared/events/request-key.ts';
import { envelope } from '../support/events.ts';
import { fc } from '../support/property.ts';

describe('derivedRequestId', () => {
  it.each([
    ['the envelope id', { id: 'another' }],
    ['a replay’s name', { 'replay-name': 'replay' }],
    ['the region', { region: 'eu-west-1' }],
  ])('does not depend on %s', (_, overrides) => {
    expect(derivedRequestId(envelope(overrides))).toBe(derivedRequestId(envelope()));
  });

  it.each([
    ['account', { account: '111122223333' }],
    ['source', { source: 'another' }],
    ['time', { time: '2025-06-05T12:00:31Z' }],
    ['detail', { detail: { instanceName: 'service-worker' } }],
  ])('depends on the %s', (_, overrides) => {
    expect(derivedRequestId(envelope(overrides))).not.toBe(derivedRequestId(envelope()));
  });

  it('stays the same: a changed hash would make every archived request a new one', () => {
    expect(derivedRequestId(envelope())).toBe('2950c06ebeafa74c47ad209189369cee');
  });

  it('is a legal request id for any detail, however its keys stand', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (detail) => {
        const id = derivedRequestId(envelope({ detail }));
        const turned = Object.fromEntries(Object.entries(detail).reverse());
        expect(requestId.safeParse(id).success).toBe(true);
        expect(derivedRequestId(envelope({ detail: turned }))).toBe(id);
      }),
    );
  });

  it('bears a detail as deep as PutEvents lets through, 1,100 levels', () => {
    const detail = JSON.parse('['.repeat(1100) + ']'.repeat(1100));
    expect(() => derivedRequestId(envelope({ detail }))).not.toThrow();
  });
});

it('hashOf keeps lists in order and parts apart', () => {
  expect(hashOf(['a', 'b'])).not.toBe(hashOf(['b', 'a']));
  expect(hashOf('ab', 'c')).not.toBe(hashOf('a', 'bc'));
});

it('requestKey is one for each who asks', () => {
  const keys = [
    requestKey(envelope(), 'one'),
    requestKey(envelope(), 'two'),
    requestKey(envelope({ source: 'other' }), 'one'),
    requestKey(envelope({ account: '111122223333' }), 'one'),
  ];
  expect(new Set(keys).size).toBe(4);
});
