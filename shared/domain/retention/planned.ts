export const ACTIONS = ['keep', 'deprecate', 'disable', 'delete', 'delete-snapshot'] as const;
export type Action = (typeof ACTIONS)[number];

/** What happens to one image, or to one snapshot that belongs to none, and every reason. */
export interface Planned {
  readonly action: Action;
  /** What would happen if nothing stood against it. */
  readonly wanted: Action;
  /** Of a snapshot: the image that it was made for. */
  readonly imageId: string;
  readonly imageName: string;
  readonly instanceName: string;
  /** Of a snapshot that belongs to no image. */
  readonly snapshotId?: string;
  /** What goes with it. */
  readonly snapshotIds: readonly string[];
  /** Full sizes of those snapshots: an upper bound, since snapshots share blocks. */
  readonly bytes: number;
  /** Whole days, rounded down. */
  readonly ageDays: number;
  readonly for: readonly string[];
  readonly against: readonly string[];
}

export const deletes = ({ action }: Pick<Planned, 'action'>): boolean =>
  action === 'delete' || action === 'delete-snapshot';

/** The first so many deletions; the others are kept for the next run. What is no deletion is no matter. */
export function capped(entries: readonly Planned[], most: number): Planned[] {
  let left = most;
  return entries.map((entry) => {
    if (!deletes(entry)) return entry;
    left -= 1;
    return left < 0 ? held(entry, 'cap') : entry;
  });
}

/** The same entry, kept for one reason more; what is not touched anyway stays as it is. */
export const held = (entry: Planned, reason: string): Planned =>
  entry.action === 'keep' ? entry : { ...entry, action: 'keep', against: [...entry.against, reason] };

/** And not a snapshot that belongs to none. */
export const isImage = ({ snapshotId }: Planned): boolean => !snapshotId;
