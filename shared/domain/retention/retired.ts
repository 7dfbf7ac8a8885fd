import type { Tags } from '../ownership.ts';
import type { Action } from './planned.ts';

/** The index by which an image's entries are found. */
export const BY_IMAGE = 'byImage';

/** With whom an image is shared, as EC2 takes it back. */
export interface Permission {
  readonly UserId?: string | undefined;
  readonly Group?: 'all' | undefined;
  readonly OrganizationArn?: string | undefined;
  readonly OrganizationalUnitArn?: string | undefined;
}

/** What was, or is about to be, done to an image or a snapshot, and what it takes to undo it. */
export interface Retired {
  readonly runId: string;
  /** Of the image, or of a snapshot that belonged to none. */
  readonly id: string;
  readonly region: string;
  readonly action: Action;
  /** ISO 8601. */
  readonly at: string;
  readonly imageId: string;
  readonly imageName: string;
  readonly instanceName: string;
  readonly ageDays: number;
  readonly bytes: number;
  readonly tags: Tags;
  readonly snapshotIds: readonly string[];
  /** By snapshot id. */
  readonly snapshotTags: Readonly<Record<string, Tags>>;
  /** Launch permissions, which EC2 drops when it disables an image. */
  readonly permissions: readonly Permission[];
  /** Missing: nobody knows (yet) whether it was done. */
  readonly outcome?: 'done' | 'gone' | 'failed' | undefined;
  /** The snapshots that went with it. */
  readonly deleted?: readonly string[] | undefined;
  readonly failures?: readonly { readonly code: string; readonly message: string }[] | undefined;
}

/** How a step of a plan went. */
export type Outcome = Pick<Retired, 'outcome' | 'deleted' | 'failures'>;
