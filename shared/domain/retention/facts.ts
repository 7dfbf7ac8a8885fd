import type { Tags } from '../ownership.ts';

/** An image of this account, as EC2 describes it. */
export interface ImageFacts {
  readonly imageId: string;
  readonly imageName: string;
  readonly state: string;
  readonly createdAt: Date;
  readonly tags: Tags;
  readonly snapshotIds: readonly string[];
  /** When it is (to be) deprecated. */
  readonly deprecatedAt?: Date | undefined;
  /** EC2 refuses to deregister it. */
  readonly isProtected: boolean;
}

/** A snapshot of this account that carries our tag. */
export interface SnapshotFacts {
  readonly snapshotId: string;
  readonly state: string;
  readonly startedAt: Date;
  readonly tags: Tags;
  /** Of all its blocks, also of those that it shares with other snapshots: an upper bound of what it costs. */
  readonly bytes: number;
  /** The image that it was made for, as far as its description names one. */
  readonly madeFor?: string | undefined;
}

/**
 * Who uses what. An image that has no entry is one of which nobody has asked: that is not the same as an
 * image without users.
 */
export interface Uses {
  /** By the id of an image or of a snapshot. */
  readonly users: ReadonlyMap<string, readonly string[]>;
  /** The sources that could not be read, or only in part, and why: then anything may be in use. */
  readonly unread: readonly string[];
}

/** Everything that a plan is made from. */
export interface Facts {
  readonly images: readonly ImageFacts[];
  readonly snapshots: readonly SnapshotFacts[];
  readonly uses: Uses;
}

/** What sources that were read to their end say. */
export const fullyRead = (users: Uses['users']): Uses => ({ users, unread: [] });

/** All that is known of the users of some ids, from several sources. */
export function together(...all: readonly Uses[]): Uses {
  const users = new Map<string, readonly string[]>();
  for (const uses of all) {
    for (const [id, names] of uses.users) {
      const known = users.get(id);
      users.set(id, known?.length ? [...known, ...names.filter((name) => !known.includes(name))] : names);
    }
  }
  return { users, unread: [...new Set(all.flatMap(({ unread }) => unread))] };
}
