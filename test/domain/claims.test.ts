import { describe, expect, it } from 'vitest';
import { differingClaims } from '../../shared/domain/claims.ts';

describe('a required claim', () => {
  it.each([
    ['is the text', 'main', 'main'],
    ['is one of the list', ['main', 'release'], 'release'],
    ['is a text of digits', '4242', '4242'],
  ])('is there when it %s', (_, required, claim) => {
    expect(differingClaims({ it: required }, { it: claim })).toEqual([]);
  });

  it.each([
    ['is missing', 'main', undefined],
    ['is another', 'main', 'maintenance'],
    ['differs in case', 'main', 'Main'],
    ['has a space more', 'main', 'main '],
    ['begins with it', 'repo:acme/', 'repo:acme/service'],
    ['matches what looks like a wildcard', 'repo:acme/*', 'repo:acme/service'],
    ['is a list that holds it', 'main', ['main']],
    ['is a list equal to the list', ['main', 'release'], ['main', 'release']],
    ['is a number that reads the same', '4242', 4242],
    ['is true', 'true', true],
    ['is null', 'null', null],
    ['is an object', 'x', { x: 'x' }],
    ['is empty', 'main', ''],
  ])('differs when it %s', (_, required, claim) => {
    expect(differingClaims({ it: required }, { it: claim })).toEqual(['it']);
  });

  it.each(['toString', '__proto__', 'constructor'])('is not found in what every object has: %s', (name) => {
    expect(differingClaims(Object.fromEntries([[name, 'x']]), {})).toEqual([name]);
  });
});

it('names every claim that differs, and no other', () => {
  const required = { sub: 'a', ref: ['b', 'c'], environment: 'd' };
  expect(differingClaims(required, { sub: 'a', ref: 'd', more: 'e' })).toEqual(['ref', 'environment']);
});
