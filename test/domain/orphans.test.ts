import { expect, it } from 'vitest';
import { possibleOrphans, type TaggedSnapshot } from '../../shared/domain/orphans.ts';

const NOW = new Date('2025-06-30T00:00:00Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);

const snapshot = (more: Partial<TaggedSnapshot> = {}): TaggedSnapshot => ({
  snapshotId: 'snap-1',
  state: 'completed',
  startedAt: daysAgo(20),
  description: 'Created by CreateImage(i-0a) for ami-0b',
  tags: { Name: 'api-Deploy-2025-06-10_00_00', 'amity:instance-name': 'api' },
  ...more,
});

it('finds the image that a snapshot was made for', () => {
  expect(possibleOrphans([snapshot()], 14, NOW)).toEqual([
    { snapshotId: 'snap-1', imageId: 'ami-0b', imageName: 'api-Deploy-2025-06-10_00_00', ageDays: 20 },
  ]);
});

it.each([
  ['still being made', { state: 'pending' }],
  ['in a state of next year', { state: 'recoverable' }],
  ['young', { startedAt: daysAgo(14) }],
  ['of no known age', { startedAt: new Date(Number.NaN) }],
  ['not ours', { tags: { Name: 'x' } }],
  ["AWS Backup's", { tags: { 'amity:instance-name': 'api', 'aws:backup:source-resource': 'i-1' } }],
  ['made by hand', { description: 'before the migration' }],
  ['of no known image', { description: '' }],
])('leaves one that is %s', (_, more) => {
  expect(possibleOrphans([snapshot(more)], 14, NOW)).toEqual([]);
});

it('gives the oldest first', () => {
  const ids = possibleOrphans(
    [snapshot(), snapshot({ snapshotId: 'snap-2', startedAt: daysAgo(90) })],
    14,
    NOW,
  ).map(({ snapshotId }) => snapshotId);
  expect(ids).toEqual(['snap-2', 'snap-1']);
});
