/** An image of ours, as retention sees it. */
export interface OwnImage {
  readonly imageId: string;
  readonly imageName: string;
  readonly instanceName: string;
  readonly state: string;
  readonly createdAt: Date;
}

/** Who uses an image; `unreadable` when that could not be found out. */
export type References = ReadonlyMap<string, readonly string[]> | 'unreadable';

export interface RetentionPolicy {
  /** Images older than this many days are deleted. */
  readonly days: number;
  /** Available images of each name that age alone never deletes. */
  readonly keepNewest: number;
  readonly maxDeletionsPerRun: number;
}

export interface Dated {
  readonly imageId: string;
  readonly imageName: string;
  /** Whole days, rounded down. */
  readonly ageDays: number;
}
interface Kept extends Dated {
  readonly reason: string;
}

export interface RetentionPlan {
  /** Oldest first. */
  readonly delete: readonly Dated[];
  /** What age alone would have deleted, each with the reason that stood against it. */
  readonly kept: readonly Kept[];
}

export const DAY_MS = 86_400_000;

/** States that an image stays in; one that may still change, or that we do not know, is never deleted. */
const SETTLED = new Set(['available', 'failed', 'error', 'invalid', 'disabled']);

/** The images that age alone would delete, oldest first: those whose references are worth reading. */
export function overdue(images: readonly OwnImage[], policy: RetentionPolicy, now: Date): OwnImage[] {
  return images
    .filter((image) => now.getTime() - image.createdAt.getTime() > policy.days * DAY_MS)
    .sort(oldestFirst);
}

/**
 * What becomes of every image that is old enough. Anything unknown keeps an image: its state, its
 * references, its date (an unreadable one is never older than anything).
 */
export function planRetention(
  images: readonly OwnImage[],
  references: References,
  policy: RetentionPolicy,
  now: Date,
): RetentionPlan {
  const newest = newestOfEachName(images, policy.keepNewest);
  const plan = { delete: [] as Dated[], kept: [] as Kept[] };
  for (const image of overdue(images, policy, now)) {
    const { imageId, imageName } = image;
    const ageDays = Math.floor((now.getTime() - image.createdAt.getTime()) / DAY_MS);
    const against =
      guard(image, newest, references) ??
      (plan.delete.length >= policy.maxDeletionsPerRun ? 'cap' : undefined);
    if (against) plan.kept.push({ imageId, imageName, ageDays, reason: against });
    else plan.delete.push({ imageId, imageName, ageDays });
  }
  return plan;
}

/** The first reason that stands against deleting an image that is old enough. */
function guard(image: OwnImage, newest: ReadonlySet<string>, references: References): string | undefined {
  if (newest.has(image.imageId)) return 'newest';
  if (!SETTLED.has(image.state)) return `state ${image.state}`;
  if (references === 'unreadable') return 'references unreadable';
  const users = references.get(image.imageId);
  if (!users) return 'references unreadable';
  if (users.length > 0) return `in use: ${shown(users)}`;
  return undefined;
}

/** The first few: an image behind a large fleet must not fill the event. */
const shown = (users: readonly string[]) =>
  users.slice(0, 5).join(', ') + (users.length > 5 ? ` and ${users.length - 5} more` : '');

/** An image without a readable date takes no other one's place here: it is never old enough to need one. */
function newestOfEachName(images: readonly OwnImage[], keepNewest: number): Set<string> {
  const available = images
    .filter(({ state, createdAt }) => state === 'available' && !Number.isNaN(createdAt.getTime()))
    .sort(oldestFirst);
  const byName = Map.groupBy(available, (image) => image.instanceName);
  return new Set([...byName.values()].flatMap((of) => of.slice(-keepNewest)).map((image) => image.imageId));
}

const oldestFirst = (a: OwnImage, b: OwnImage) =>
  a.createdAt.getTime() - b.createdAt.getTime() || (a.imageId < b.imageId ? -1 : 1);
