import { describe, expect, it } from 'vitest';
import { together, type Uses } from '../../../shared/domain/retention/facts.ts';

const uses = (users: Record<string, string[]>, unread: string[] = []): Uses => ({
  users: new Map(Object.entries(users)),
  unread,
});

describe('together', () => {
  it.each<[string, Uses[], Uses]>([
    ['nothing', [], uses({})],
    ['one source', [uses({ a: ['1'] }, ['x'])], uses({ a: ['1'] }, ['x'])],
    [
      'users from several',
      [uses({ a: ['1'] }), uses({ a: ['2'], b: ['3'] })],
      uses({ a: ['1', '2'], b: ['3'] }),
    ],
    ['a user that two know of', [uses({ a: ['1', '2'] }), uses({ a: ['2', '1'] })], uses({ a: ['1', '2'] })],
    ['nobody, and somebody', [uses({ a: [] }), uses({ a: ['1'] })], uses({ a: ['1'] })],
    ['somebody, and nobody', [uses({ a: ['1'] }), uses({ a: [] })], uses({ a: ['1'] })],
    ['what was asked and what was not', [uses({ a: [] }), uses({})], uses({ a: [] })],
    ['unread sources', [uses({}, ['x', 'y']), uses({}, ['y', 'z'])], uses({}, ['x', 'y', 'z'])],
  ])('%s', (_, all, known) => {
    expect(together(...all)).toEqual(known);
  });

  it('changes none of them', () => {
    const [one, other] = [uses({ a: ['1'] }), uses({ a: ['2'] })];
    together(one, other);
    expect([one, other]).toEqual([uses({ a: ['1'] }), uses({ a: ['2'] })]);
  });
});
