import { foreignOwner, instanceNameOf } from '../ownership.ts';
import type { ImageFacts, Uses } from './facts.ts';
import { ownDays } from './policy.ts';

/** Any value but `false` keeps an image, or a snapshot, for good. */
export const KEEP_TAG = 'amity:keep';
/** Why there will be no image from it: set when a waiter gave up an image that EC2 may still finish. */
export const FAILED_TAG = 'amity:failed';

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
  ({ imageId }, { uses }) => unknown(imageId, uses),
];

export const reasonsAgainst = (image: ImageFacts, around: Surroundings): string[] =>
  GUARDS.flatMap((guard) => guard(image, around) ?? []);

export const kept = (tags: ImageFacts['tags']): string | undefined =>
  (tags[KEEP_TAG] ?? 'false') === 'false' ? undefined : `tag ${KEEP_TAG}`;

export function used(id: string, { users }: Uses): string | undefined {
  const names = users.get(id) ?? [];
  return names.length > 0 ? `in use: ${shown(names)}` : undefined;
}

/** Not to know is not to know that nobody uses it. */
export function unknown(id: string, { users, unread }: Uses): string | undefined {
  if (unread.length > 0) return `references unreadable: ${unread.join('; ')}`;
  return users.has(id) ? undefined : 'references unreadable';
}

/** The first few: an image behind a large fleet must not fill the event. */
const shown = (users: readonly string[]) =>
  users.slice(0, 5).join(', ') + (users.length > 5 ? ` and ${users.length - 5} more` : '');

/** The newest available images of each name. One that was given up was never announced: it is nobody's newest. */
export function newestOfEachName(
  images: readonly ImageFacts[],
  keepNewest: (instanceName: string) => number,
): Set<string> {
  const available = images
    .filter(
      ({ state, createdAt, tags }) =>
        state === 'available' && !Number.isNaN(createdAt.getTime()) && !tags[FAILED_TAG],
    )
    .sort(oldestFirst);
  const byName = Map.groupBy(available, ({ tags }) => instanceNameOf(tags) ?? '');
  return new Set(
    [...byName].flatMap(([name, of]) => of.slice(-keepNewest(name))).map(({ imageId }) => imageId),
  );
}

export const oldestFirst = (
  a: { createdAt: Date; imageId: string },
  b: { createdAt: Date; imageId: string },
): number => a.createdAt.getTime() - b.createdAt.getTime() || (a.imageId < b.imageId ? -1 : 1);
