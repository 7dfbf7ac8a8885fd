import type { AmiRestored } from '../../events/ami-restored.ts';
import type { Tags } from '../ownership.ts';
import type { Permission, Retired } from './retired.ts';
import { DISABLED_AT_TAG, RECYCLE_TAG, RESTORED_AT_TAG } from './stages.ts';

/** What it takes to put an image back as it was. */
export interface Undoing {
  readonly tags: Tags;
  /** Their tags, by snapshot id. */
  readonly snapshots: ReadonlyMap<string, Tags>;
  readonly permissions: readonly Permission[];
  /** Whether it was Amity that deprecated it. */
  readonly deprecated: boolean;
}

/** The tags by which retention itself keeps account. */
const BOOKKEEPING = new Set([RECYCLE_TAG, DISABLED_AT_TAG, RESTORED_AT_TAG]);

/**
 * What the entries of an image, oldest first, say of it. With whom it was shared stands in the one that was written
 * while it still was: the newest that names anybody, since its last restoration. One that was only deprecated has kept
 * them all but those that its owner has taken away since.
 */
export function undoing(entries: readonly Retired[]): Undoing {
  const since = entries.findLastIndex(({ action }) => action === 'keep');
  const stages = entries.slice(since + 1);
  const deletion = stages.findLast(({ action }) => action === 'delete');
  return {
    tags: asTheyWere(deletion?.tags ?? {}),
    snapshots: new Map(
      stages
        .filter(({ action }) => action === 'delete' || action === 'delete-snapshot')
        .flatMap(({ snapshotIds, snapshotTags }) =>
          snapshotIds.map((id): [string, Tags] => [id, asTheyWere(snapshotTags[id] ?? {})]),
        ),
    ),
    permissions:
      stages.filter(losesShares).findLast(({ permissions }) => permissions.length > 0)?.permissions ?? [],
    deprecated: stages.some(({ action, outcome }) => action === 'deprecate' && outcome === 'done'),
  };
}

const losesShares = ({ action }: Retired): boolean => action === 'disable' || action === 'delete';

const asTheyWere = (tags: Tags): Tags =>
  Object.fromEntries(
    Object.entries(tags).filter(([key]) => !BOOKKEEPING.has(key) && !key.startsWith('aws:')),
  );

/** What is written down of an image that was brought back. */
export const restoration = (
  { imageId, imageName, instanceName, region, snapshotIds }: Omit<AmiRestored, 'requestedAt'>,
  runId: string,
  now: Date,
): Retired => ({
  runId,
  id: imageId,
  region,
  action: 'keep',
  at: now.toISOString(),
  imageId,
  imageName,
  instanceName,
  snapshotIds,
  ageDays: 0,
  bytes: 0,
  tags: {},
  snapshotTags: {},
  permissions: [],
  outcome: 'done',
});
