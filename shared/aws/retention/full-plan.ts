import { together, type Uses } from '../../domain/retention/facts.ts';
import { type Plan, planRetention } from '../../domain/retention/plan.ts';
import { chunks } from '../../runtime/chunks.ts';
import { MOST_IMAGES } from '../uses/references.ts';
import { askAbout } from './ask.ts';
import type { Scope } from './scope.ts';
import { type Survey, survey } from './survey.ts';

export interface FullPlan extends Plan {
  readonly region: string;
  /** The sources that could not be read. */
  readonly unread: readonly string[];
}

/** The plan of a region with everything asked that a run would ask just before it acts. It changes nothing. */
export async function fullPlan(scope: Scope): Promise<FullPlan> {
  const surveyed = await survey(scope);
  const uses = await usesInFull(surveyed, scope);
  const { snapshotsUnread } = surveyed;
  return {
    ...planRetention({ ...surveyed, uses }, scope.retention, scope.now),
    region: scope.region,
    unread: [...uses.unread, ...(snapshotsUnread ? [snapshotsUnread] : [])],
  };
}

/** What is known in bulk, and what EC2 tells image by image of those that would be touched. */
export async function usesInFull(surveyed: Survey, scope: Scope): Promise<Uses> {
  const brakeless = { ...scope.retention, maxDeletionsPerRun: Number.POSITIVE_INFINITY, stopAboveShare: 1 };
  const touched = new Set(
    planRetention(surveyed, brakeless, scope.now)
      .entries.filter(({ action, snapshotId }) => action !== 'keep' && !snapshotId)
      .map(({ imageId }) => imageId),
  );
  const candidates = surveyed.images.filter(({ imageId }) => touched.has(imageId));
  const answers: Uses[] = [];
  for (const ten of chunks(candidates, MOST_IMAGES)) {
    const { uses } = await askAbout(ten, surveyed, scope, false);
    answers.push(uses);
    if (uses.unread.length > 0) break;
  }
  return together(surveyed.uses, ...answers);
}
