import type { Facts, ImageFacts } from '../../../shared/domain/retention/facts.ts';
import type { Planned } from '../../../shared/domain/retention/planned.ts';

export interface World {
  readonly images: ReadonlyMap<string, ImageFacts>;
  /** The snapshots that are there, those without our tags too. */
  readonly snapshotIds: ReadonlySet<string>;
}

export const worldOf = ({ images, snapshots }: Facts): World => ({
  images: new Map(images.map((image) => [image.imageId, image])),
  snapshotIds: new Set([
    ...images.flatMap(({ snapshotIds }) => snapshotIds),
    ...snapshots.map(({ snapshotId }) => snapshotId),
  ]),
});

/** The images that need a snapshot: EC2 deletes none that one needs. */
export const holdersOf = (snapshotId: string, { images }: World): ImageFacts[] =>
  [...images.values()].filter(({ snapshotIds }) => snapshotIds.includes(snapshotId));

/** What EC2 makes of one entry: DeregisterImage with DeleteAssociatedSnapshots skips what another image needs. */
export function carriedOut(entry: Planned, world: World, now: Date): World {
  const image = world.images.get(entry.imageId);
  const images = new Map(world.images);
  if (entry.action === 'delete-snapshot') {
    const [snapshotId = ''] = entry.snapshotIds;
    if (holdersOf(snapshotId, world).length > 0) throw new Error(`InvalidSnapshot.InUse: ${snapshotId}`);
    return { images, snapshotIds: without(world.snapshotIds, [snapshotId]) };
  }
  if (!image || entry.action === 'keep') return world;
  if (entry.action === 'deprecate') images.set(image.imageId, { ...image, deprecatedAt: now });
  if (entry.action === 'disable')
    images.set(image.imageId, {
      ...image,
      state: 'disabled',
      tags: { ...image.tags, 'amity:disabled-at': now.toISOString() },
    });
  if (entry.action !== 'delete') return { ...world, images };
  images.delete(image.imageId);
  const gone = image.snapshotIds.filter((id) => holdersOf(id, { ...world, images }).length === 0);
  return { images, snapshotIds: without(world.snapshotIds, gone) };
}

const without = (ids: ReadonlySet<string>, gone: readonly string[]) =>
  new Set([...ids].filter((id) => !gone.includes(id)));

/** What a run finds that comes after all of these, in their order. */
export function afterwards(facts: Facts, entries: readonly Planned[], now: Date): Facts {
  const world = entries.reduce((before, entry) => carriedOut(entry, before, now), worldOf(facts));
  return {
    ...facts,
    images: [...world.images.values()],
    snapshots: facts.snapshots.filter(({ snapshotId }) => world.snapshotIds.has(snapshotId)),
  };
}
