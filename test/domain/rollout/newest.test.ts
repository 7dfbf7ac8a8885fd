import { describe, expect, it } from 'vitest';
import {
  type Family,
  type FollowedImage,
  isNewer,
  isOfFamily,
  later,
  newestBefore,
  nextOf,
  type Standing,
} from '../../../shared/domain/rollout/newest.ts';

const family: Family = { instanceName: 'service-api', includesBackups: false };
const withBackups: Family = { ...family, includesBackups: true };
const ours = { 'amity:instance-name': 'service-api', Name: 'service-api-Deploy-2025-06-05_12_00' };
const named = { Name: 'service-api' };

const image = (minute: number, overrides: Partial<FollowedImage> = {}): FollowedImage => ({
  imageId: `ami-${minute}`,
  imageName: 'service-api-Deploy-2025-06-05_12_00',
  state: 'available',
  createdAt: at(minute),
  ...overrides,
  tags: { ...ours, ...overrides.tags },
});
const at = (minute: number) => `2025-06-05T12:${String(minute).padStart(2, '0')}:00.000Z`;

describe('isOfFamily', () => {
  const byBackup = { 'aws:backup:source-resource': 'i-1' };

  it.each<[string, FollowedImage['tags'], string, boolean, boolean]>([
    ['ours', ours, '', true, true],
    ['ours of another name', { ...ours, 'amity:instance-name': 'other' }, '', false, false],
    ['ours of another name, called so', { ...named, 'amity:instance-name': 'other' }, '', false, false],
    ['ours without a name', { ...named, 'amity:instance-name': '' }, '', false, false],
    ['anybody’s of that Name', named, 'packer-4711', true, true],
    ['anybody’s in another case', { Name: 'Service-API' }, '', false, false],
    ['anybody’s with more behind it', { Name: 'service-api-2' }, '', false, false],
    ['nobody’s', {}, 'service-api', false, false],
    ['Image Builder’s', { ...named, CreatedBy: 'EC2 Image Builder' }, '', true, true],
    ['AWS Backup’s', { ...named, ...byBackup }, 'AwsBackup_i-1', false, true],
    ['AWS Backup’s, by name', named, 'AwsBackup_i-1', false, true],
    ['AWS Backup’s, in capitals', named, 'AWSBACKUP_i-1', false, true],
    ['AWS Backup’s, in small letters', named, 'awsbackup_i-1', false, true],
    ['AWS Backup’s, with our tag copied', { ...named, ...ours, ...named, ...byBackup }, '', false, true],
    ['AWS Backup’s of another name', { Name: 'other', ...byBackup }, 'AwsBackup_i-1', false, false],
    ['AWS Backup’s copy of an image of ours', { ...ours, ...byBackup }, '', false, false],
    ['a name with AwsBackup_ elsewhere', named, 'my-AwsBackup_i-1', true, true],
    ['a consistent backup of ours', { ...ours, Reason: 'Backup' }, '', false, true],
    ['a moved instance’s', { ...ours, Reason: 'Move' }, '', false, true],
    ['anybody’s, with that Reason', { ...named, Reason: 'Backup' }, '', true, true],
    [
      'a consistent backup of another name',
      { 'amity:instance-name': 'x', Reason: 'Backup' },
      '',
      false,
      false,
    ],
  ])('%s', (_, tags, imageName, alone, among) => {
    const followed = { ...image(0), tags, imageName };
    expect(isOfFamily(followed, family)).toBe(alone);
    expect(isOfFamily(followed, withBackups)).toBe(among);
  });
});

describe('places in time', () => {
  const place = (imageId: string, minute: number) => ({ imageId, createdAt: at(minute) });

  it.each([
    ['a later date', place('ami-1', 2), place('ami-9', 1), true],
    ['an earlier date', place('ami-9', 1), place('ami-1', 2), false],
    ['the same second, the greater id', place('ami-2', 1), place('ami-1', 1), true],
    ['the same second, the smaller id', place('ami-1', 1), place('ami-2', 1), false],
    ['itself', place('ami-1', 1), place('ami-1', 1), false],
    [
      'the same moment, written otherwise',
      { imageId: 'ami-1', createdAt: '2025-06-05T12:01:00Z' },
      place('ami-2', 1),
      false,
    ],
  ])('%s: newer is %4$s', (_, one, other, newer) => {
    expect(isNewer(one, other)).toBe(newer);
  });

  it.each([
    [undefined, undefined, undefined],
    [place('ami-1', 1), undefined, 'ami-1'],
    [undefined, place('ami-2', 2), 'ami-2'],
    [place('ami-1', 1), place('ami-2', 2), 'ami-2'],
    [place('ami-2', 2), place('ami-1', 1), 'ami-2'],
  ])('of %j and %j the later is %s', (one, other, imageId) => {
    expect(later(one, other)?.imageId).toBe(imageId);
  });
});

describe('nextOf', () => {
  const present = (minute: number) => ({ imageId: `ami-${minute}`, createdAt: at(minute) });
  const rejected = { 'amity:rejected': 'incident-311' };

  it.each<[string, FollowedImage[], Standing, string]>([
    ['nothing in force, one image', [image(1)], { present: {} }, 'ami-1'],
    ['the newest of some, in whatever order', [image(2), image(3), image(1)], { present: {} }, 'ami-3'],
    ['a newer one than that in force', [image(1), image(2)], { present: present(1) }, 'ami-2'],
    ['one in force of unknown date', [image(2)], { present: { imageId: 'ami-9' } }, 'ami-2'],
    [
      'of the same second, the greater id',
      [image(4, { imageId: 'ami-5' })],
      { present: present(4) },
      'ami-5',
    ],
    [
      'a newer one than the rejected',
      [image(1), image(2, { tags: rejected }), image(3)],
      { present: present(1) },
      'ami-3',
    ],
    ['a newer one than the floor', [image(1), image(3)], { present: present(1), floor: present(2) }, 'ami-3'],
    [
      'not what was rejected of another name',
      [image(2), image(3, { tags: { ...rejected, 'amity:instance-name': 'other' } })],
      { present: present(1) },
      'ami-2',
    ],
  ])('goes on: %s', (_, images, standing, imageId) => {
    expect(nextOf(family, images, standing)).toMatchObject({ act: 'go', image: { imageId } });
  });

  it.each<[string, FollowedImage[], Standing, string]>([
    ['no image', [], { present: {} }, 'no image of the name is available'],
    [
      'images of other names alone',
      [image(2, { tags: { 'amity:instance-name': 'other' } })],
      { present: present(1) },
      'no image of the name is available',
    ],
    ...['pending', 'failed', 'disabled', 'deregistered', 'a-state-of-next-year'].map(
      (state): [string, FollowedImage[], Standing, string] => [
        `a ${state} one`,
        [image(2, { state })],
        { present: present(1) },
        'no image of the name is available',
      ],
    ),
    [
      'one that its waiter gave up',
      [image(2, { tags: { 'amity:failed': 'timeout' } })],
      { present: present(1) },
      'no image of the name is available',
    ],
    [
      'one without a readable date',
      [image(2, { createdAt: 'soon' })],
      { present: present(1) },
      'no image of the name is available',
    ],
    ['the newest is there', [image(1), image(2)], { present: present(2) }, 'the newest image is in force'],
    ['an older one', [image(1)], { present: present(2) }, 'ami-1 is older than ami-2, which is in force'],
    [
      'of the same second, the smaller id',
      [image(4, { imageId: 'ami-3' })],
      { present: present(4) },
      'ami-3 is older than ami-4, which is in force',
    ],
    [
      'the rejected one itself',
      [image(1), image(2, { tags: rejected })],
      { present: present(1) },
      'the newest image is in force',
    ],
    [
      'one between what is in force and what was rejected',
      [image(1), image(2), image(3, { tags: rejected })],
      { present: present(1) },
      'ami-2 is older than ami-3, which was rejected',
    ],
    [
      'the same, though the rejected one is no longer available',
      [image(2), image(3, { tags: rejected, state: 'disabled' })],
      { present: present(1) },
      'ami-2 is older than ami-3, which was rejected',
    ],
    [
      'the same, though the rejected one is gone',
      [image(2)],
      { present: present(1), floor: present(3) },
      'ami-2 is older than ami-3, which was rejected',
    ],
    [
      'the last of some rejected ones counts',
      [image(2), image(3, { tags: rejected })],
      { present: present(1), floor: present(1) },
      'ami-2 is older than ami-3, which was rejected',
    ],
    [
      'nothing in force, and older than a rejected one',
      [image(2)],
      { present: {}, floor: present(3) },
      'ami-2 is older than ami-3, which was rejected',
    ],
  ])('stays: %s', (_, images, standing, why) => {
    expect(nextOf(family, images, standing)).toEqual({ act: 'keep', why });
  });
});

describe('newestBefore', () => {
  const images = [
    image(1),
    image(2),
    image(3, { state: 'disabled' }),
    image(4, { tags: { 'amity:rejected': 'r' } }),
    image(5, { tags: { 'amity:instance-name': 'other' } }),
    image(6),
  ];

  it.each([
    [9, 'ami-6'],
    [6, 'ami-2'],
    [3, 'ami-2'],
    [2, 'ami-1'],
    [1, undefined],
  ])('minute %d: %s', (minute, imageId) => {
    const place = { imageId: `ami-${minute}`, createdAt: at(minute) };
    expect(newestBefore(family, images, place)?.imageId).toBe(imageId);
    expect(newestBefore(family, images.toReversed(), place)?.imageId).toBe(imageId);
  });
});
