import type { CleanUpFailure } from '../../domain/failures.ts';
import { type Plan, planRetention } from '../../domain/retention/plan.ts';
import { deletes, held, type Planned } from '../../domain/retention/planned.ts';
import type { Retired } from '../../domain/retention/retired.ts';
import { log } from '../../runtime/log.ts';
import { deletionSwitch } from '../deletion-switch.ts';
import { act } from './act.ts';
import type { Acting } from './acting.ts';
import { carrier } from './carry-out.ts';
import { finish } from './finish.ts';
import { usesInFull } from './full-plan.ts';
import { entriesOfRun } from './journal.ts';
import { type Survey, survey } from './survey.ts';
import { type Region, type Report, type Told, tell } from './tell.ts';

export interface CleanUp
  extends Told,
    Pick<Acting, 'recycleBinDays' | 'retention' | 'now' | 'regions' | 'hasTime'> {
  /** The regions that are cleaned, of all those that Amity looks into. */
  readonly cleaned: readonly string[];
  /** A saved plan, which somebody has read: what it says of each image or snapshot. Nothing else is touched. */
  readonly saved?: ReadonlyMap<string, Planned['action']> | undefined;
  /** Whether another call with the same run id follows where this one has no more time, or fails. */
  readonly continues: boolean;
}

export interface CleanedUp {
  /** Whether there is nothing more to do for this run. */
  readonly done: boolean;
  readonly report: Report | undefined;
}

type Failed = Region['failed'];

/**
 * Read, plan, act on the plan, report: in each region by itself, side by side. What was done is written down as it is
 * done, so that a run that ended half-way is gone on with, and told as one.
 */
export async function cleanUp(run: CleanUp): Promise<CleanedUp> {
  const earlier = await entriesOfRun(run.journal, run.runId);
  const settled = await Promise.allSettled(run.cleaned.map((region) => cleanRegion(run, region, earlier)));
  const regions = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const broken = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  if (run.continues && broken.length > 0) throw broken[0];
  if (run.continues && regions.some(({ outOfTime }) => outOfTime)) return { done: false, report: undefined };
  return { done: true, report: await tell(run, regions, broken) };
}

async function cleanRegion(
  run: CleanUp,
  region: string,
  earlier: readonly Retired[],
): Promise<Region & { readonly outOfTime: boolean }> {
  const here = earlier.filter((entry) => entry.region === region);
  const before = await finish(here, run.journal);
  const facts = await survey({ ...run, region });
  const tried = new Set(before.map(({ id }) => id));
  let plan = planOf(run, facts, tried);
  // What is in use in ways that EC2 tells only image by image is no reason to stop: `npm run plan` counts so too.
  if (plan.stopped)
    plan = planOf(run, { ...facts, uses: await usesInFull(facts, { ...run, region }) }, tried);
  const failed = failuresOf(plan, facts, region);
  const acted = await act(plan, facts, {
    ...run,
    region,
    mostDeletions: run.saved
      ? run.saved.size
      : run.retention.maxDeletionsPerRun - before.filter(deletes).length,
    switchedOff: deletionSwitch(),
    carryOut: carrier(region, before.length === 0),
  });
  if (acted.unread.size > 0) failed.push(notRead([...acted.unread], region));
  const left = [...plan.entries.filter(({ action }) => action === 'keep'), ...acted.kept];
  // What is told as kept is what would have been deleted; of a saved plan, all that was skipped.
  const kept = run.saved ? left.map((entry) => ({ ...entry, wanted: 'delete' as const })) : left;
  return { region, kept: kept.map((entry) => ({ ...entry, region })), failed, outOfTime: acted.outOfTime };
}

/** The cap counts what is really deleted, so it is act's to hold. What this run has tried already is not tried again. */
function planOf({ retention, now, saved }: CleanUp, facts: Survey, tried: ReadonlySet<string>): Plan {
  // Who applies a saved plan has read how much it is.
  const brakes = { maxDeletionsPerRun: Number.POSITIVE_INFINITY, ...(saved && { stopAboveShare: 1 }) };
  const plan = planRetention(facts, { ...retention, ...brakes }, now);
  const entries = plan.entries.filter((entry) => !tried.has(idOf(entry)));
  return { ...plan, entries: saved ? entries.flatMap((entry) => asSaved(entry, saved)) : entries };
}

const idOf = ({ imageId, snapshotId }: Planned) => snapshotId ?? imageId;

/** Only what a saved plan would do; what has changed since is skipped, and says why. */
function asSaved(entry: Planned, saved: NonNullable<CleanUp['saved']>): Planned[] {
  const action = saved.get(idOf(entry));
  if (!action || action === 'keep') return [];
  return [entry.action === action ? entry : held(entry, `the plan was to ${action}, now to ${entry.action}`)];
}

function failuresOf({ stopped }: Plan, { uses, snapshotsUnread }: Survey, region: string): Failed {
  const failed: Failed = [];
  if (uses.unread.length > 0) failed.push(notRead(uses.unread, region));
  if (snapshotsUnread)
    failed.push(failure('snapshots-unreadable', `No orphan was looked for. ${snapshotsUnread}`, region));
  if (stopped) failed.push(failure('stopped', stopped, region));
  return failed;
}

const notRead = (unread: readonly string[], region: string) =>
  failure('references-unreadable', `Nothing more was touched. ${unread.join('; ')}`, region);

/** The alarm counts these lines by their code: infra/constructs/alarms.ts. */
function failure(code: CleanUpFailure, message: string, region: string): Failed[number] {
  log.error('A brake of the clean-up holds', { code, message, region });
  return { code, message };
}
