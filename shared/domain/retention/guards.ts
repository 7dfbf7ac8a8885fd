import { isBackup } from '../backup/reasons.ts';
import { foreignOwner, instanceNameOf } from '../ownership.ts';
import type { ImageFacts, Uses } from './facts.ts';
import { ownDays } from './policy.ts';

/** Any value but `false` keeps an image, or a snapshot, for good. */
const KEEP_TAG = 'amity:keep';
/** Why there will be no image from it: set when a waiter gave up an image that EC2 may still finish. */
export const FAILED_TAG = 'amity:failed';
/** On an image that was rolled back, with the request's id: nothing follows it again. */
export const REJECTED_TAG = 'amity:rejected';

/** States that an image stays in; one that may still change, or that we do not know, is never touched. */
const SETTLED = new Set(['available', 'failed', 'error', 'invalid', 'disabled']);

interface Surroundings {
  readonly newest: ReadonlySet<string>;
  readonly uses: Uses;
}

/** Everything that stands against touching an image. The order is that of a person's questions. */
const GUARDS: readonly ((image: ImageFacts, around: Surroundings) => string | undefined)[] = [
  ({ tags, imageName }) => {
    const owner = foreignOwner(tags, imageName);
    return owner && `owned by ${owner}`;
  },
  ({ tags, imageName }) => (instanceNameOf(tags) || foreignOwner(tags, imageName) ? undefined : 'not ours'),
  ({ imageId }, { newest }) => (newest.has(imageId) ? 'newest' : undefined),
  ({ state }) => (SETTLED.has(state) ? undefined : `state ${state}`),
  ({ tags }) => kept(tags),
  ({ isProtected }) => (isProtected ? 'deregistration protection' : undefined),
  ({ tags }) => (ownDays(tags) === 'unreadable' ? 'tag amity:retention-days unreadable' : undefined),
  ({ imageId }, { uses }) => used(imageId, uses),
  ({ snapshotIds }, { uses }) => usedSnapshot(snapshotIds, uses),
  ({ imageId }, { uses }) => unknown(imageId, uses),
];

export const reasonsAgainst = (image: ImageFacts, around: Surroundings): string[] =>
  GUARDS.flatMap((guard) => guard(image, around) ?? []);

/** Ours is what carries our tag and no mark of another service's, in its name neither. */
export const isOurs = ({ tags, imageName }: ImageFacts): boolean =>
  instanceNameOf(tags) !== undefined && foreignOwner(tags, imageName) === undefined;

export const kept = (tags: ImageFacts['tags']): string | undefined =>
  (tags[KEEP_TAG] ?? 'false') === 'false' ? undefined : `tag ${KEEP_TAG}`;

export function used(id: string, { users }: Uses): string | undefined {
  const names = users.get(id) ?? [];
  return names.length > 0 ? `in use: ${shown(names)}` : undefined;
}

/** Its snapshots go with it: what a launch template starts a volume from would be gone. */
function usedSnapshot(snapshotIds: readonly string[], uses: Uses): string | undefined {
  const id = snapshotIds.find((each) => used(each, uses));
  return id && `snapshot ${id} ${used(id, uses)}`;
}

/** Not to know is not to know that nobody uses it. */
export function unknown(id: string, { users, unread }: Uses): string | undefined {
  if (unread.length > 0) return `references unreadable: ${unread.join('; ')}`;
  return users.has(id) ? undefined : 'references unreadable';
}

/** The first few: an image behind a large fleet must not fill the event. */
const shown = (users: readonly string[]) =>
  users.slice(0, 5).join(', ') + (users.length > 5 ? ` and ${users.length - 5} more` : '');

/**
 * The newest available images of each name. One that was given up was never announced: it is nobody's newest; one that
 * was rolled back is neither what is in use nor what one would go back to. Nor is
 * a copy that AWS Backup made with our tags: it would push out one of ours.
 */
export function newestOfEachName(
  images: readonly ImageFacts[],
  keepNewest: (instanceName: string) => number,
): Set<string> {
  const available = images
    .filter(
      (image) =>
        image.state === 'available' &&
        !Number.isNaN(image.createdAt.getTime()) &&
        !image.tags[FAILED_TAG] &&
        !image.tags[REJECTED_TAG] &&
        isOurs(image),
    )
    .sort(oldestFirst);
  // Backups, one a night, would push out what was made to be run; and the other way round.
  const kinds = [
    available.filter(({ tags }) => isBackup(tags)),
    available.filter(({ tags }) => !isBackup(tags)),
  ];
  const byName = kinds.flatMap((of) => [...Map.groupBy(of, ({ tags }) => instanceNameOf(tags) ?? '')]);
  return new Set(byName.flatMap(([name, of]) => of.slice(-keepNewest(name))).map(({ imageId }) => imageId));
}

export const oldestFirst = (
  a: { createdAt: Date; imageId: string },
  b: { createdAt: Date; imageId: string },
): number => byAge(a.createdAt, b.createdAt) || (a.imageId < b.imageId ? -1 : 1);

/** What has no readable date comes last: NaN compares with nothing, and the order would be that of the input. */
export const byAge = (a: Date, b: Date): number => (time(a) === time(b) ? 0 : time(a) - time(b));

const time = (date: Date) => (Number.isNaN(date.getTime()) ? Number.POSITIVE_INFINITY : date.getTime());
