import { REQUEST_ID_TAG } from '../../domain/ownership.ts';
import { templateEntry } from '../../domain/rollout/entry.ts';
import { type Follower, wrongTag } from '../../domain/rollout/follower.ts';
import { nextOf, type Place } from '../../domain/rollout/newest.ts';
import { pointerOf } from '../../domain/rollout/pointer.ts';
import { log } from '../../runtime/log.ts';
import { refusal } from '../auto-scaling.ts';
import { imagesWithIds, type OwnedImage } from '../images.ts';
import { complete, mayPass, pin, type Rollouts } from './carry-out.ts';
import { uses } from './group-launches.ts';
import type { Group } from './groups.ts';
import { type Lease, underLease } from './ledger.ts';
import { plan, refuse } from './tell.ts';
import { createVersion, makeDefault, type Version, versionOf } from './templates.ts';

/** What a launch template is brought to. */
export interface Following {
  readonly follower: Follower;
  /** At least those that may be of the name. */
  readonly images: readonly OwnedImage[];
  /** Every group that wants to be refreshed. */
  readonly groups: readonly Group[];
}

/**
 * Brings a launch template to the newest image of the name that it follows, if it is not there: a new version from its
 * default, made the default, told, and its groups refreshed. What an earlier call began is brought to its end first.
 */
export const rollOut = (following: Following, rollouts: Rollouts): Promise<void> =>
  underLease(rollouts.tableName, templateEntry(following.follower.templateId), async (lease) => {
    const { follower, images } = following;
    const { templateId, instanceName } = follower;
    const groups = following.groups.filter((group) => uses(group, templateId));
    const from = await versionOf(templateId, '$Default');
    if (!from) {
      log.info('A launch template is gone', { templateId });
      return;
    }
    const isOurs = lease.entry.rollout?.version === from.version;
    if (isOurs && !rollouts.dryRun) await complete(lease, groups, rollouts);
    // It follows by itself.
    if (from.image === `resolve:ssm:${pointerOf(instanceName)}`) return;
    const present = await presentOf(from, lease);
    const step = nextOf(follower, images, { present, floor: lease.entry.floor });
    if (step.act === 'keep') {
      log.info('A launch template stays as it is', { templateId, why: step.why });
      return;
    }
    await change(lease, { follower, from, image: step.image, groups }, rollouts);
  });

/** When the image in force was made, as far as EC2 still knows it, or we do. */
async function presentOf({ imageId }: Version, { entry }: Lease): Promise<Partial<Place>> {
  if (!imageId) return {};
  const [image] = await imagesWithIds([imageId]);
  const createdAt =
    image?.createdAt ?? (entry.present?.imageId === imageId ? entry.present.createdAt : undefined);
  return { imageId, ...(createdAt && { createdAt }) };
}

interface Change {
  readonly follower: Follower;
  readonly from: Version;
  readonly image: OwnedImage;
  readonly groups: readonly Group[];
}

async function change(lease: Lease, wanted: Change, rollouts: Rollouts): Promise<void> {
  const { follower, from, image, groups } = wanted;
  const { templateId, instanceName } = follower;
  const known = {
    launchTemplateId: templateId,
    instanceName,
    imageId: image.imageId,
    previousVersion: from.version,
    ...(from.imageId && { previousImageId: from.imageId }),
    requestId: image.tags[REQUEST_ID_TAG] ?? image.imageId,
  };
  const refused = wrongTag(follower) ?? (await mayPass(from, groups, rollouts));
  if (refused) return refuse(lease, known, refused, rollouts.busName);
  if (rollouts.dryRun) {
    const message = `${templateId} would get a version with ${image.imageId}, made its default.`;
    return plan(lease, known, { code: 'roll-out', message, groups }, rollouts.busName);
  }
  try {
    await pin(groups);
    const version = await createVersion({ ...follower, ...known, from });
    await lease.save({
      rollout: { kind: 'out', ...known, version, at: new Date().toISOString(), announced: false },
      present: { imageId: image.imageId, createdAt: image.createdAt },
    });
    await makeDefault(templateId, version);
  } catch (error) {
    const failure = refusal(error);
    if (!failure) throw error;
    // Deleted meanwhile: there is nothing to roll out to, and nobody to tell.
    if (!(await versionOf(templateId, '$Default'))) return;
    return refuse(lease, known, failure, rollouts.busName);
  }
  await complete(lease, groups, rollouts);
}
