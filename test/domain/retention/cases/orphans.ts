import type { SnapshotFacts } from '../../../../shared/domain/retention/facts.ts';
import { image, type PlanCase, snapshot } from '../facts-of.ts';

const DUE = 'older than 14 days, its image is gone';

const one = (
  name: string,
  age: number,
  overrides: Partial<SnapshotFacts>,
  outcome: string | undefined,
  more: Partial<PlanCase> = {},
): PlanCase => ({
  name,
  snapshots: [snapshot('snap-1', age, overrides)],
  plan: outcome === undefined ? [] : [`snap-1: ${outcome}`],
  ...more,
});
const kept = (name: string, overrides: Partial<SnapshotFacts>, against: string, more?: Partial<PlanCase>) =>
  one(name, 20, overrides, `no delete-snapshot (${DUE}): ${against}`, more);
const tagged = (tags: Record<string, string>) => ({ tags });

const due: PlanCase[] = [
  one('made for an image that is gone', 20, {}, `delete-snapshot (${DUE})`),
  one('with its size', 20, { bytes: 7 }, `delete-snapshot (${DUE}), 7 B`),
  one('young', 14, {}, undefined),
  one('just old enough', 14.001, {}, `delete-snapshot (${DUE})`),
  one('without a readable date', Number.NaN, {}, undefined),
  one('of unknown origin', 20, { madeFor: undefined }, undefined),
  one('of no origin', 20, { madeFor: '' }, undefined),
  one('made for an image that is there', 20, { madeFor: 'new' }, undefined),
  one('belongs to an image, though made for another one', 20, {}, undefined, {
    images: [image('young', 3, { snapshotIds: ['snap-1'] })],
    plan: ['young: keep: young'],
  }),
  one('belongs to an image that is not ours', 20, {}, undefined, {
    images: [{ ...image('other', 30, { snapshotIds: ['snap-1'] }), tags: {} }],
  }),
  one('made for an image that is not ours', 20, { madeFor: 'other' }, undefined, {
    images: [{ ...image('other', 30), tags: {} }],
  }),
  one('belongs to two images, both are deleted', 20, {}, undefined, {
    images: ['a', 'b'].map((id) => image(id, 20, { snapshotIds: ['snap-1'] })),
    plan: ['a: delete (older than 14 days)', 'b: delete (older than 14 days)'],
  }),
  one('amity:keep is "false"', 20, tagged({ 'amity:keep': 'false' }), `delete-snapshot (${DUE})`),
];

const against: PlanCase[] = [
  ...['pending', 'error', 'recoverable', ''].map((state) =>
    kept(`not completed: ${state}`, { state }, `state ${state}`),
  ),
  ...['true', '', 'no'].map((value) =>
    kept(`amity:keep is "${value}"`, tagged({ 'amity:keep': value }), 'tag amity:keep'),
  ),
  kept('AWS Backup’s', tagged({ 'aws:backup:source-resource': 'i-1' }), 'owned by AWS Backup'),
  kept('Data Lifecycle Manager’s', tagged({ 'dlm:managed': 'x' }), 'owned by Data Lifecycle Manager'),
  kept('Image Builder’s', tagged({ CreatedBy: 'EC2 Image Builder' }), 'owned by EC2 Image Builder'),
  kept('not ours', tagged({ 'amity:instance-name': '' }), 'not ours'),
  kept(
    'amity:retention-days cannot be read',
    tagged({ 'amity:retention-days': 'soon' }),
    'tag amity:retention-days unreadable',
  ),
  kept('a launch template’s', {}, 'in use: launch-template/lt-1:3', {
    users: { 'snap-1': ['launch-template/lt-1:3'] },
  }),
  kept('nobody has asked', {}, 'references unreadable', { users: { 'snap-1': 'nobody asked' } }),
  kept('a source could not be read', {}, 'references unreadable: copies', { unread: ['copies'] }),
  kept(
    'all that stands against it',
    { state: 'pending', tags: { 'amity:keep': 'yes', 'amity:retention-days': '0', 'aws:x': 'y' } },
    [
      'owned by another AWS service',
      'state pending',
      'tag amity:keep',
      'tag amity:retention-days unreadable',
      'in use: launch-template/lt-1:3',
      'references unreadable: copies',
    ].join(', '),
    { users: { 'snap-1': ['launch-template/lt-1:3'] }, unread: ['copies'] },
  ),
];

const byPolicy: PlanCase[] = [
  one('its own days are not over', 20, tagged({ 'amity:retention-days': '30' }), undefined),
  one(
    'its own days are over',
    8,
    tagged({ 'amity:retention-days': '7' }),
    'delete-snapshot (older than 7 days, its image is gone)',
  ),
  one('its name has more days', 20, {}, undefined, {
    retention: { policies: [{ names: ['service-*'], days: 30 }] },
  }),
  one('stages are for images', 20, {}, `delete-snapshot (${DUE})`, {
    retention: { deprecateDays: 5, disableDays: 10 },
  }),
];

const several: PlanCase[] = [
  {
    name: 'the oldest first, then by id; one that is listed twice is one',
    snapshots: [snapshot('c', 20), snapshot('b', 30), snapshot('a', 20), snapshot('b', 30)],
    plan: ['b', 'a', 'c'].map((id) => `${id}: delete-snapshot (${DUE})`),
  },
  {
    name: 'a date that cannot be read confuses nobody',
    snapshots: [snapshot('a', 30), snapshot('b', Number.NaN), snapshot('c', 40)],
    plan: ['c', 'a'].map((id) => `${id}: delete-snapshot (${DUE})`),
  },
];

/** What becomes of snapshots that were left behind. */
export const orphanCases: readonly PlanCase[] = [...due, ...against, ...byPolicy, ...several];
