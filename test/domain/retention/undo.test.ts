import { describe, expect, it } from 'vitest';
import type { Retired } from '../../../shared/domain/retention/retired.ts';
import { restoration, type Undoing, undoing } from '../../../shared/domain/retention/undo.ts';
import { NOW } from '../../support/events.ts';
import { fc } from '../../support/property.ts';
import { retired } from './retired-of.ts';

const NOTHING: Undoing = { tags: {}, snapshots: new Map(), permissions: [], deprecated: false };
const [A, B] = [{ UserId: '111111111111' }, { Group: 'all' as const }];
const bookkeeping = {
  'amity:recycle': 'true',
  'amity:disabled-at': '2025-06-01',
  'amity:restored-at': '2025-05-01',
  'aws:reserved': 'x',
};

describe('undoing', () => {
  it.each<[string, Retired[], Partial<Undoing>]>([
    ['nothing was ever done', [], {}],
    ['deprecated', [retired('deprecate')], { deprecated: true }],
    ['disabled', [retired('disable', { permissions: [A, B] })], { permissions: [A, B] }],
    [
      'one stage after the other: it was shared until it was disabled',
      [
        retired('deprecate', { permissions: [A, B] }),
        retired('disable', { permissions: [B] }),
        retired('delete', { tags: { Name: 'x' } }),
      ],
      { tags: { Name: 'x' }, permissions: [B], deprecated: true },
    ],
    [
      'disabled twice: the second time it was shared with nobody any more',
      [retired('disable', { permissions: [A] }), retired('disable')],
      { permissions: [A] },
    ],
    [
      'deleted at once, with tags of its own and of its snapshots',
      [
        retired('delete', {
          permissions: [A],
          tags: { Name: 'x', ...bookkeeping },
          snapshotIds: ['snap-1', 'snap-2'],
          snapshotTags: { 'snap-1': { Name: 'x', ...bookkeeping } },
        }),
      ],
      {
        tags: { Name: 'x' },
        permissions: [A],
        snapshots: new Map([
          ['snap-1', { Name: 'x' }],
          ['snap-2', {}],
        ]),
      },
    ],
    [
      'a snapshot that was left behind, deleted after its image',
      [
        retired('delete', { tags: { Name: 'x' } }),
        retired('delete-snapshot', {
          id: 'snap-1',
          snapshotIds: ['snap-1'],
          snapshotTags: { 'snap-1': { Name: 's' } },
        }),
      ],
      { tags: { Name: 'x' }, snapshots: new Map([['snap-1', { Name: 's' }]]) },
    ],
    [
      'restored since, and nothing done after that',
      [retired('disable', { permissions: [A] }), retired('delete', { tags: { a: 'b' } }), retired('keep')],
      {},
    ],
    [
      'restored, and deprecated again: only that is undone',
      [retired('disable', { permissions: [A] }), retired('keep'), retired('deprecate')],
      { deprecated: true },
    ],
    [
      'deleted, restored, deleted: the last time counts',
      [
        retired('delete', { tags: { Name: 'old' }, permissions: [A] }),
        retired('keep'),
        retired('delete', { tags: { Name: 'new' }, permissions: [B] }),
      ],
      { tags: { Name: 'new' }, permissions: [B] },
    ],
  ])('%s', (_, entries, expected) => {
    expect(undoing(entries)).toEqual({ ...NOTHING, ...expected });
  });

  const names = fc.stringMatching(/^[a-z]{1,4}$/);
  const someTags = fc.dictionary(names, fc.string(), { maxKeys: 4, noNullPrototype: true });
  const history = fc.record({
    stages: fc.subarray<'deprecate' | 'disable' | 'delete'>(['deprecate', 'disable', 'delete'], {
      minLength: 1,
    }),
    tags: someTags,
    snapshotTags: fc.dictionary(names, someTags, { maxKeys: 3, noNullPrototype: true }),
    permissions: fc.subarray([A, B, { UserId: '222222222222' }, { OrganizationArn: 'arn' }]),
  });
  type History = typeof history extends fc.Arbitrary<infer Value> ? Value : never;

  /** What is written down as those stages are taken: an image that is disabled is shared with nobody. */
  const written = ({ stages, tags, snapshotTags, permissions }: History): Retired[] =>
    stages.map((action, index) =>
      retired(action, {
        tags: { ...tags, ...bookkeeping },
        snapshotIds: Object.keys(snapshotTags),
        snapshotTags: Object.fromEntries(
          Object.entries(snapshotTags).map(([id, of]) => [id, { ...of, ...bookkeeping }]),
        ),
        permissions: stages.slice(0, index).includes('disable') ? [] : permissions,
      }),
    );

  it('gives back what was recorded, whatever was done and undone before', () => {
    fc.assert(
      fc.property(fc.array(history, { maxLength: 3 }), history, (earlier, last) => {
        const before = earlier.flatMap((each) => [...written(each), retired('keep')]);
        const { stages, tags, snapshotTags, permissions } = last;
        const wasDeleted = stages.includes('delete');
        expect(undoing([...before, ...written(last)])).toEqual({
          tags: wasDeleted ? tags : {},
          snapshots: new Map(wasDeleted ? Object.entries(snapshotTags) : []),
          permissions: wasDeleted || stages.includes('disable') ? permissions : [],
          deprecated: stages.includes('deprecate'),
        });
      }),
    );
  });
});

describe('restoration', () => {
  const image = {
    imageId: 'ami-1',
    imageName: 'name-1',
    instanceName: 'service-api',
    region: 'eu-west-1',
    snapshotIds: ['snap-1'],
    undone: ['delete' as const],
  };

  it('is written down as what was done last', () => {
    const done = restoration(image, 'request-1', NOW);
    expect(done).toMatchObject({
      runId: 'request-1',
      id: 'ami-1',
      region: 'eu-west-1',
      action: 'keep',
      at: NOW.toISOString(),
      snapshotIds: ['snap-1'],
      outcome: 'done',
    });
    expect(undoing([retired('delete', { permissions: [A] }), done])).toEqual(NOTHING);
  });
});
