import { instanceNameOf, type Tags } from './ownership.ts';
import { DAY_MS } from './retention.ts';

/** A snapshot of this account that carries our tag. */
export interface TaggedSnapshot {
  readonly snapshotId: string;
  readonly state: string;
  readonly startedAt: Date;
  readonly description: string;
  readonly tags: Tags;
}

/** A snapshot whose image was deregistered without it. */
export interface Orphan {
  readonly snapshotId: string;
  readonly imageId: string;
  readonly imageName: string;
  readonly ageDays: number;
}

/** `Created by CreateImage(i-…) for ami-…`, as EC2 describes the snapshots that it makes for an image. */
const MADE_FOR = /\bfor (ami-[0-9a-f]+)$/;

/**
 * The snapshots that may have been left behind: ours, whole, older than the policy keeps images, and made for
 * an image that is named. Whether that image is really gone is for EC2 to say. Oldest first.
 */
export function possibleOrphans(snapshots: readonly TaggedSnapshot[], days: number, now: Date): Orphan[] {
  return snapshots
    .map((snapshot) => ({ ...snapshot, age: now.getTime() - snapshot.startedAt.getTime() }))
    .filter(({ state, tags, age }) => state === 'completed' && instanceNameOf(tags) && age > days * DAY_MS)
    .sort((a, b) => b.age - a.age || (a.snapshotId < b.snapshotId ? -1 : 1))
    .flatMap(({ snapshotId, description, tags, age }) => {
      const imageId = MADE_FOR.exec(description)?.[1];
      return imageId
        ? [{ snapshotId, imageId, imageName: tags.Name ?? '', ageDays: Math.floor(age / DAY_MS) }]
        : [];
    });
}
