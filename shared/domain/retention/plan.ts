import { INSTANCE_NAME_TAG } from '../ownership.ts';
import type { Facts, ImageFacts, Uses } from './facts.ts';
import { FAILED_TAG, isOurs, newestOfEachName, oldestFirst, reasonsAgainst } from './guards.ts';
import { planSnapshots } from './orphans.ts';
import { type Action, capped, held, type Planned } from './planned.ts';
import { policyFor, type Retention } from './policy.ts';
import { ageOf, dueStage, type Stage } from './stages.ts';

export interface Plan {
  /** Images, then snapshots; the oldest first. */
  readonly entries: readonly Planned[];
  /** Why this run may delete nothing at all. */
  readonly stopped?: string;
}

/** Below so many images a share says nothing. */
const FEWEST_FOR_SHARE = 20;

/**
 * What becomes of every image of ours and of every snapshot that was left behind, and why. Pure: the same facts,
 * in any order and however often, give the same plan, and what is not known keeps an image.
 */
export function planRetention(facts: Facts, retention: Retention, now: Date): Plan {
  const decide = decider(facts, retention, now);
  const images = unique(facts.images).filter(({ tags }) => INSTANCE_NAME_TAG in tags);
  const decided = [
    ...images.sort(oldestFirst).map((image) => decide(image, facts.uses)),
    ...planSnapshots(facts, retention, now),
  ];
  const stopped = tooMany(decided, images.filter(isOurs).length, retention);
  if (stopped) return { entries: decided.map((entry) => held(entry, 'stopped')), stopped };
  return { entries: capped(decided, retention.maxDeletionsPerRun) };
}

/**
 * What becomes of one image among all of these; asked once more, with what is known by then, before it is
 * touched.
 */
export function decider(
  facts: Pick<Facts, 'images' | 'snapshots'>,
  retention: Retention,
  now: Date,
): (image: ImageFacts, uses: Uses) => Planned {
  const newest = newestOfEachName(unique(facts.images), (name) => policyFor(retention, name).keepNewest);
  const bytes = new Map(facts.snapshots.map((snapshot) => [snapshot.snapshotId, snapshot.bytes]));
  return (image, uses) => {
    const instanceName = image.tags[INSTANCE_NAME_TAG] ?? '';
    const { stage, why } = dueStage(image, policyFor(retention, instanceName), now);
    // Two devices of an image can be of one snapshot.
    const snapshotIds = [...new Set(image.snapshotIds)];
    const against = stage ? reasonsAgainst(image, { newest, uses }) : [why];
    return {
      action: stage && against.length === 0 ? stage : 'keep',
      wanted: stage ?? 'keep',
      imageId: image.imageId,
      imageName: image.imageName,
      instanceName,
      snapshotIds,
      bytes: snapshotIds.reduce((sum, id) => sum + (bytes.get(id) ?? 0), 0),
      ageDays: Math.floor(ageOf(image, now)),
      for: stage ? [why, ...failures(image)] : [],
      against,
    };
  };
}

const failures = ({ state, tags }: ImageFacts) =>
  tags[FAILED_TAG]
    ? [`given up: ${tags[FAILED_TAG]}`]
    : state === 'available' || state === 'disabled'
      ? []
      : [state];

/** Taking out of service is what the brake is for: a hidden image can still be launched. */
const OUT_OF_SERVICE: ReadonlySet<Action> = new Set<Stage>(['disable', 'delete']);

/**
 * A plan that would take most images away is more likely a mistake (a policy, a clock, an answer that was empty)
 * than a wish. The share is that of the plan before the cap: else a mistake would go through in small steps.
 */
function tooMany(
  entries: readonly Planned[],
  images: number,
  { stopAboveShare }: Retention,
): string | undefined {
  const doomed = entries.filter(({ action }) => OUT_OF_SERVICE.has(action)).length;
  if (images < FEWEST_FOR_SHARE || doomed / images <= stopAboveShare) return undefined;
  return `${doomed} of ${images} images would be disabled or deleted, more than the share of ${stopAboveShare} (retention.stopAboveShare)`;
}

/** Pages that shift while they are read can give an image twice. */
const unique = (images: readonly ImageFacts[]): ImageFacts[] => [
  ...new Map(images.map((image) => [image.imageId, image])).values(),
];
