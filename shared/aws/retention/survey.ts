import type { Facts, ImageFacts, SnapshotFacts, Uses } from '../../domain/retention/facts.ts';
import { together } from '../../domain/retention/facts.ts';
import { planSnapshots } from '../../domain/retention/orphans.ts';
import { decider } from '../../domain/retention/plan.ts';
import type { Retention } from '../../domain/retention/policy.ts';
import type { TemplateVersion } from '../../domain/retention/template-uses.ts';
import { ec2ErrorFacts, ec2In } from '../ec2.ts';
import { type OwnedImage, ownedImages, taggedImages } from '../images.ts';
import { imagesInRecycleBin } from '../recycle-bin.ts';
import { taggedSnapshots } from '../snapshots.ts';
import { groupChoices } from '../uses/auto-scaling.ts';
import { usedByCopies } from '../uses/copies.ts';
import { usedByInstances } from '../uses/instances.ts';
import {
  followedTemplates,
  usedByChoices,
  usedByRollbacks,
  usedByTemplates,
  versionsInForce,
} from '../uses/launch-templates.ts';

export interface Scope {
  readonly region: string;
  /** All that Amity looks into. */
  readonly regions: readonly string[];
  readonly retention: Retention;
  readonly now: Date;
  /** Only this name's images; all of ours, and what was left behind of any, without it. */
  readonly instanceName?: string | undefined;
}

export interface Survey extends Facts {
  /** The newest versions of the templates that Amity makes versions of, by template id. */
  readonly followed: ReadonlyMap<string, readonly TemplateVersion[]>;
  /** Why snapshots could not be read, if so. */
  readonly snapshotsUnread?: string;
}

/**
 * Our images and snapshots, and what can be learned in bulk of who uses them: instances, templates, groups and copies,
 * each read once for all. What EC2 tells only of ten images a call is asked of candidates alone, just before they are
 * touched. Where age asks for nothing, nothing more is read.
 */
export async function survey(scope: Scope): Promise<Survey> {
  const { region, instanceName } = scope;
  const images = (await taggedImages(instanceName, ec2In(region))).map(factsOf);
  const ids = images.map(({ imageId }) => imageId);
  const snapshots: Snapshots = instanceName ? { snapshots: [] } : await readSnapshots(scope, ids);
  const idle: Survey = {
    images,
    ...snapshots,
    uses: unused([...ids, ...idsOf(snapshots)]),
    followed: new Map(),
  };
  if (!wantsAnything(idle, scope)) return idle;
  const read = instanceName ? await readSnapshots(scope, ids) : snapshots;
  const known = instanceName ? unused([...ids, ...idsOf(read)]) : idle.uses;
  const { uses, followed } = await usesInBulk(scope);
  return { ...idle, ...read, uses: together(known, uses), followed };
}

/** What EC2 now says of some images. Those that are gone are not among them. */
export async function lookAgain(imageIds: string[], region: string): Promise<ImageFacts[]> {
  if (imageIds.length === 0) return [];
  return (await ownedImages({ Filters: [{ Name: 'image-id', Values: imageIds }] }, ec2In(region))).map(
    factsOf,
  );
}

/** No whole plan for it: of most accounts the first image says so. */
function wantsAnything(facts: Facts, { retention, now }: Scope): boolean {
  const decide = decider(facts, retention, now);
  return (
    facts.images.some((image) => decide(image, facts.uses).wanted !== 'keep') ||
    planSnapshots(facts, retention, now).length > 0
  );
}

const NOBODY: readonly string[] = [];
const unused = (ids: readonly string[]): Uses => ({
  users: new Map(ids.map((id) => [id, NOBODY])),
  unread: [],
});

type Snapshots = Pick<Survey, 'snapshots' | 'snapshotsUnread'>;
const idsOf = ({ snapshots }: Snapshots) => snapshots.map(({ snapshotId }) => snapshotId);

async function readSnapshots({ region, instanceName }: Scope, ours: readonly string[]): Promise<Snapshots> {
  try {
    const snapshots = await taggedSnapshots(region, instanceName);
    // A name's snapshots are read for their sizes alone: what was left behind is found among all.
    return {
      snapshots: instanceName ? snapshots.map(withoutOrigin) : await withOrigin(snapshots, ours, region),
    };
  } catch (error) {
    return { snapshots: [], snapshotsUnread: unreadable('snapshots', error) };
  }
}

/** EC2 takes 200 values in a filter. */
const MOST_VALUES = 200;

/**
 * Of a snapshot whose image is there, ours or not, or in the Recycle Bin, nobody shall say that it was left behind: it
 * loses the origin by which a plan would find it.
 */
async function withOrigin(
  snapshots: readonly SnapshotFacts[],
  ours: readonly string[],
  region: string,
): Promise<SnapshotFacts[]> {
  const known = new Set(ours);
  const alone = snapshots.filter(({ madeFor }) => madeFor && !known.has(madeFor));
  if (alone.length === 0) return [...snapshots];
  const there = new Set(await imagesInRecycleBin(region));
  for (let start = 0; start < alone.length; start += MOST_VALUES) {
    const some = alone.slice(start, start + MOST_VALUES);
    const origins = [...new Set(some.flatMap(({ madeFor }) => madeFor ?? []))];
    const held = some.map(({ snapshotId }) => snapshotId);
    for (const filter of [
      { Name: 'image-id', Values: origins },
      { Name: 'block-device-mapping.snapshot-id', Values: held },
    ]) {
      for (const { imageId, snapshotIds } of await ownedImages({ Filters: [filter] }, ec2In(region)))
        for (const id of [imageId, ...snapshotIds]) there.add(id);
    }
  }
  return snapshots.map((each) =>
    there.has(each.snapshotId) || there.has(each.madeFor ?? '') ? withoutOrigin(each) : each,
  );
}

const withoutOrigin = (snapshot: SnapshotFacts): SnapshotFacts => ({ ...snapshot, madeFor: undefined });

async function usesInBulk({ region, regions, retention }: Scope): Promise<Pick<Survey, 'uses' | 'followed'>> {
  let followed: Survey['followed'] = new Map();
  const uses = await Promise.all([
    source('instances', () => usedByInstances(region)),
    source('copies', () => usedByCopies(region, regions)),
    source('launch templates and Auto Scaling groups', async () => {
      const [inForce, groups] = await Promise.all([versionsInForce(region), groupChoices(region)]);
      followed = await followedTemplates(region, inForce, retention.launchTemplateVersions);
      return together(
        ...[
          usedByTemplates(inForce),
          groups.users,
          await usedByChoices(region, groups.templates, inForce),
          await usedByRollbacks(region, followed, inForce),
        ].map((users) => ({ users, unread: [] })),
      ).users;
    }),
  ]);
  return { uses: together(...uses), followed };
}

/** What one source says; a source that cannot be read says that anything may be in use. */
async function source(name: string, read: () => Promise<Uses['users']>): Promise<Uses> {
  try {
    return { users: await read(), unread: [] };
  } catch (error) {
    return { users: new Map(), unread: [unreadable(name, error)] };
  }
}

export function unreadable(source: string, error: unknown): string {
  const { name, message } = ec2ErrorFacts(error);
  return `${source}: ${name}: ${message}`;
}

const factsOf = (image: OwnedImage): ImageFacts => ({
  imageId: image.imageId,
  imageName: image.imageName,
  state: image.state,
  createdAt: new Date(image.createdAt),
  tags: image.tags,
  snapshotIds: image.snapshotIds,
  deprecatedAt: image.deprecatedAt === undefined ? undefined : new Date(image.deprecatedAt),
  isProtected: image.isProtected,
});
