import { describe, expect, it } from 'vitest';
import { type Follower, followerOf, wrongTag } from '../../../shared/domain/rollout/follower.ts';
import { fc } from '../../support/property.ts';

const follower = (overrides: Partial<Follower> = {}): Follower => ({
  templateId: 'lt-1',
  instanceName: 'service-api',
  includesBackups: false,
  securityGroupIds: [],
  ...overrides,
});
const follow = { 'amity:follow': 'service-api' };

describe('followerOf', () => {
  it.each<[string, Record<string, string>, Follower | undefined]>([
    ['no tag', {}, undefined],
    ['another tag', { follow: 'service-api', 'Amity:Follow': 'service-api' }, undefined],
    ['an empty tag', { 'amity:follow': '' }, undefined],
    ['the tag', follow, follower()],
    ['a name with spaces', { 'amity:follow': ' my api ' }, follower({ instanceName: ' my api ' })],
    ['backups', { ...follow, 'amity:include-backups': 'true' }, follower({ includesBackups: true })],
    ['no backups', { ...follow, 'amity:include-backups': 'false' }, follower()],
    ['backups in another case', { ...follow, 'amity:include-backups': 'True' }, follower()],
    ['empty groups', { ...follow, 'amity:security-group-ids': ' ' }, follower()],
    [
      'groups',
      { ...follow, 'amity:security-group-ids': ' sg-0123abcd  sg-4567abcd\n' },
      follower({ securityGroupIds: ['sg-0123abcd', 'sg-4567abcd'] }),
    ],
    ['groups without a name', { 'amity:security-group-ids': 'sg-0123abcd' }, undefined],
  ])('%s', (_, tags, expected) => {
    expect(followerOf('lt-1', tags)).toEqual(expected);
  });
});

describe('wrongTag', () => {
  it.each<[string[], string | undefined]>([
    [[], undefined],
    [['sg-0123abcd', 'sg-0123456789abcdef0'], undefined],
    [['sg-0123abc'], 'sg-0123abc'],
    [['sg-0123456789abcdef01'], 'sg-0123456789abcdef01'],
    [['SG-0123abcd'], 'SG-0123abcd'],
    [['sg-0123abcd,sg-4567abcd'], 'sg-0123abcd,sg-4567abcd'],
    [['default', 'sg-0123abcd', 'web'], 'default web'],
  ])('of %j: %s', (securityGroupIds, wrong) => {
    const expected = wrong && {
      code: 'invalid-tag',
      message: `The tag amity:security-group-ids of lt-1 must hold security group ids, sg-…, separated by spaces; got ${wrong}.`,
    };
    expect(wrongTag(follower({ securityGroupIds }))).toEqual(expected);
  });

  it('what is read of legal ids, whatever stands between them, is not wrong', () => {
    const ids = fc.array(fc.stringMatching(/^sg-[0-9a-f]{8,17}$/), { maxLength: 5 });
    const gaps = fc.stringMatching(/^[ \t\n]{1,3}$/);
    fc.assert(
      fc.property(ids, gaps, (securityGroupIds, gap) => {
        const read = followerOf('lt-1', {
          ...follow,
          'amity:security-group-ids': gap + securityGroupIds.join(gap),
        });
        expect(read).toEqual(follower({ securityGroupIds }));
        expect(wrongTag(follower({ securityGroupIds }))).toBeUndefined();
      }),
    );
  });
});
