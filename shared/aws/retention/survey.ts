import { type Facts, fullyRead, type ImageFacts, together, type Uses } from '../../domain/retention/facts.ts';
import { planSnapshots } from '../../domain/retention/orphans.ts';
import { decider } from '../../domain/retention/plan.ts';
import { ec2In } from '../ec2.ts';
import { type OwnedImage, ownedImages, taggedImages } from '../images.ts';
import { taggedSnapshots } from '../snapshots.ts';
import { unreadable } from '../uses/users.ts';
import { type BulkUses, usesInBulk } from './bulk-uses.ts';
import { withOrigin, withoutOrigin } from './left-behind.ts';
import type { Scope } from './scope.ts';

export interface Survey extends Facts, Pick<BulkUses, 'followed'> {
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
const unused = (ids: readonly string[]): Uses => fullyRead(new Map(ids.map((id) => [id, NOBODY])));

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
