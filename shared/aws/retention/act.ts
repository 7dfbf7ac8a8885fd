import { type ImageFacts, together, type Uses } from '../../domain/retention/facts.ts';
import { decider, type Plan } from '../../domain/retention/plan.ts';
import { capped, deletes, held, isImage, type Planned } from '../../domain/retention/planned.ts';
import { MOST_IMAGES } from '../uses/references.ts';
import type { Acting } from './acting.ts';
import { type Answer, askAbout } from './ask.ts';
import { type Fresh, freshImages } from './fresh-images.ts';
import type { Survey } from './survey.ts';
import { carryOutAll } from './write-down.ts';

export interface Acted {
  /** What was not touched after all, and why. */
  readonly kept: Planned[];
  /** Whether time ended before the plan did. */
  readonly outOfTime: boolean;
  /** The sources that could not be read any more. */
  readonly unread: ReadonlySet<string>;
}

/** EC2 describes 200 images a call; of so many, what it says is not yet old when the last of them is touched. */
const MOST_LOOKED_AT = 100;

/**
 * Acts on a plan, ten entries at a time: asks once more who uses them, decides once more, writes down what it will do and
 * what it takes to undo it, does it, and writes down how it went.
 */
export async function act(plan: Plan, surveyed: Survey, acting: Acting): Promise<Acted> {
  const todo = plan.entries.filter(isTouched);
  const decide = decider(surveyed, acting.retention, acting.now);
  const snapshotTags = new Map(surveyed.snapshots.map(({ snapshotId, tags }) => [snapshotId, tags]));
  const acted = { kept: [] as Planned[], outOfTime: false, unread: new Set<string>() };
  let left = acting.mostDeletions;
  let fresh: Fresh | undefined;
  for (let start = 0; start < todo.length; start += MOST_IMAGES) {
    const rest = todo.slice(start);
    const stop = await whyStop(rest, left, acted.unread, acting);
    if (stop) {
      acted.outOfTime = stop === 'time';
      acted.kept.push(...rest.map((entry) => held(entry, stop)));
      break;
    }
    if (!fresh || start % MOST_LOOKED_AT === 0)
      fresh = await freshImages(rest.slice(0, MOST_LOOKED_AT), surveyed, acting);
    // Who is kept for another reason takes nobody's place among those that may be deleted.
    const ten = capped(rest.slice(0, MOST_IMAGES).map(fresh.recyclable), left > 0 ? MOST_IMAGES : 0);
    const answer = await askAbout(present(ten, fresh.images), surveyed, acting, true);
    for (const why of answer.uses.unread) acted.unread.add(why);
    const uses = usesOf(ten, surveyed, answer);
    const again = ten.flatMap((entry) => decideAgain(decide, entry, answer.images, uses));
    const decided = capped(again, left);
    left -= decided.filter(deletes).length;
    acted.kept.push(...decided.filter((entry) => !isTouched(entry)));
    await carryOutAll(decided.filter(isTouched), snapshotTags, answer, acting);
  }
  return acted;
}

/** What keeps all that is left of a plan, if anything does. */
async function whyStop(
  rest: readonly Planned[],
  left: number,
  unread: ReadonlySet<string>,
  { switchedOff, hasTime }: Acting,
): Promise<string | undefined> {
  if (unread.size > 0) return 'references unreadable';
  if (left <= 0 && rest.every(deletes)) return 'cap';
  return (await switchedOff()) ?? (hasTime() ? undefined : 'time');
}

const isTouched = ({ action }: Planned) => action !== 'keep';

const present = (entries: readonly Planned[], images: ReadonlyMap<string, ImageFacts>): ImageFacts[] =>
  entries
    .filter((entry) => isImage(entry) && isTouched(entry))
    .flatMap(({ imageId }) => images.get(imageId) ?? []);

/** The same decision with what is known now. What has become another one is left for the next run. */
function decideAgain(
  decide: ReturnType<typeof decider>,
  entry: Planned,
  images: Answer['images'],
  uses: Uses,
): Planned[] {
  if (!isImage(entry) || !isTouched(entry)) return [entry];
  const image = images.get(entry.imageId);
  // Somebody else has deleted it: theirs to tell.
  if (!image) return [];
  const decided = decide(image, uses);
  const changed = decided.action !== 'keep' && decided.action !== entry.action;
  return [changed ? held(decided, 'changed meanwhile') : decided];
}

/** What was known of these in bulk, and what EC2 answered of each. */
function usesOf(entries: readonly Planned[], surveyed: Survey, { uses }: Answer): Uses {
  const bulk = entries.map(({ imageId }): [string, readonly string[]] => [
    imageId,
    surveyed.uses.users.get(imageId) ?? [],
  ]);
  return together({ users: new Map(bulk), unread: surveyed.uses.unread }, uses);
}
