import type { Tags } from '../ownership.ts';
import type { ImageFacts } from './facts.ts';
import { daysOf, type Stages } from './policy.ts';

export const DAY_MS = 86_400_000;

/** When Amity disabled an image; EC2 does not tell. */
export const DISABLED_AT_TAG = 'amity:disabled-at';
/** When an image was brought back: its age counts from there, or the next run would take it again. */
export const RESTORED_AT_TAG = 'amity:restored-at';

/**
 * What has this tag goes to the Recycle Bin when it is deleted. The bin's rules want a tag with its value, and the
 * values of our other tags are as many as there are names.
 */
export const RECYCLE_TAG = 'amity:recycle';

/** In days (three hours): a stage begins a moment after its run, and the clocks change: a daily run must not miss it by minutes. */
const RUN_TO_RUN = 0.125;

export type Stage = 'deprecate' | 'disable' | 'delete';

/** What age asks for, if anything, and why. */
export interface Due {
  readonly stage?: Stage;
  readonly why: string;
}

/**
 * One stage after the other: what was never deprecated is deprecated first, however old it is, and stays so for
 * as long as the policy leaves between the two stages. So there is always time to take a stage back.
 */
export function dueStage(image: ImageFacts, policy: Stages, now: Date): Due {
  const age = ageOf(image, now);
  const ladder = ladderOf(image, policy);
  const reached = ladder.filter(({ days }) => age > days);
  const [last] = reached.slice(-1);
  if (!last) return { why: 'young' };
  for (const [index, { stage, days }] of reached.entries()) {
    const since = stageSince(image, stage);
    if (!since) return { stage, why: `older than ${days} days` };
    const next = reached[index + 1];
    const inStage = (now.getTime() - since.getTime()) / DAY_MS;
    if (next && !(inStage + RUN_TO_RUN >= next.days - days)) {
      return { why: `${stage}d for ${Math.floor(inStage)} of ${next.days - days} days` };
    }
  }
  return { why: `${last.stage}d` };
}

/** In days; an image without a readable date is never older than anything. */
export const ageOf = (image: ImageFacts, now: Date): number =>
  (now.getTime() - Math.max(image.createdAt.getTime(), restoredAt(image.tags) ?? 0)) / DAY_MS;

/** NaN, which is never old, when the tag cannot be read. */
function restoredAt(tags: Tags): number | undefined {
  const value = tags[RESTORED_AT_TAG];
  return value === undefined ? undefined : Date.parse(value);
}

/** The stages of an image in their order. What never became an image can only be deleted. */
function ladderOf({ state, tags }: ImageFacts, policy: Stages): { stage: Stage; days: number }[] {
  const days = daysOf(tags, policy);
  const stages: { stage: Stage; days: number | undefined }[] =
    state === 'available' || state === 'disabled'
      ? [
          { stage: 'deprecate', days: policy.deprecateDays },
          { stage: 'disable', days: policy.disableDays },
        ]
      : [];
  const before = stages.flatMap((each) =>
    each.days !== undefined && each.days < days ? [{ stage: each.stage, days: each.days }] : [],
  );
  return [...before, { stage: 'delete', days }];
}

/** Since when an image is in a stage, if it is. */
function stageSince({ state, deprecatedAt, tags }: ImageFacts, stage: Stage): Date | undefined {
  if (stage === 'deprecate') return deprecatedAt;
  if (stage === 'disable' && state === 'disabled') {
    const since = new Date(tags[DISABLED_AT_TAG] ?? Number.NaN);
    return Number.isNaN(since.getTime()) ? undefined : since;
  }
  return undefined;
}
