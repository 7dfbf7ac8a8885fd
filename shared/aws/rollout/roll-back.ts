import { REJECTED_TAG } from '../../domain/retention/guards.ts';
import { templateEntry } from '../../domain/rollout/entry.ts';
import type { RolloutFailure } from '../../domain/rollout/failures.ts';
import type { Follower } from '../../domain/rollout/follower.ts';
import { later, type Place } from '../../domain/rollout/newest.ts';
import { inForceSince, rollbackOf, type Wish } from '../../domain/rollout/rollback.ts';
import { log } from '../../runtime/log.ts';
import { refusal } from '../auto-scaling.ts';
import { imageById, imagesWithIds, type OwnedImage } from '../images.ts';
import { tag } from '../tag-images.ts';
import { complete, mayPass, pin, type Rollouts } from './carry-out.ts';
import { uses } from './group-launches.ts';
import type { Group } from './groups.ts';
import { type Lease, underLease } from './ledger.ts';
import { plan, refuse } from './tell.ts';
import { makeDefault, type Version, versionOf } from './templates.ts';

export interface Back extends Wish {
  readonly follower: Follower;
  readonly requestId: string;
  /** The image that is to go; without it, whatever is in force. */
  readonly wrong: string | undefined;
  readonly groups: readonly Group[];
}

/**
 * Makes the version before a launch template's default again; the image that it leaves is rejected. Gives the image that is
 * in force then, where this request, now or in an earlier call, has led to it.
 */
export const rollBack = (back: Back, rollouts: Rollouts): Promise<Place | undefined> =>
  underLease(rollouts.tableName, templateEntry(back.follower.templateId), async (lease) => {
    const { templateId } = back.follower;
    const groups = back.groups.filter((group) => uses(group, templateId));
    const from = await versionOf(templateId, '$Default');
    if (!from) return undefined;
    const { rollout } = lease.entry;
    const isMine = rollout?.kind === 'back' && rollout.requestId === back.requestId;
    // Written down, and done; else it is gone about again.
    if (isMine && from.version !== rollout.previousVersion) {
      await complete(lease, groups, rollouts);
      return lease.entry.present;
    }
    if (back.wrong && from.imageId !== back.wrong) {
      log.info('A launch template never got what is rolled back', { templateId, wrong: back.wrong });
      return undefined;
    }
    return goBack(lease, from, { ...back, groups }, rollouts);
  });

async function goBack(
  lease: Lease,
  from: Version,
  back: Back,
  rollouts: Rollouts,
): Promise<Place | undefined> {
  const { follower, groups, requestId } = back;
  const known = {
    launchTemplateId: follower.templateId,
    instanceName: follower.instanceName,
    previousVersion: from.version,
    ...(from.imageId && { previousImageId: from.imageId }),
    requestId,
  };
  const target = await targetOf(lease, from, back);
  if ('code' in target) return nothing(refuse(lease, known, target, rollouts.busName));
  const { to, image } = target;
  const whole = { ...known, version: to.version, imageId: image.imageId };
  const refused = await mayPass(to, groups, rollouts);
  if (refused) return nothing(refuse(lease, whole, refused, rollouts.busName));
  if (rollouts.dryRun) {
    const message = `Version ${to.version} would be the default of ${follower.templateId}, and ${from.imageId} be rejected.`;
    return nothing(plan(lease, whole, { code: 'roll-back', message, groups }, rollouts.busName));
  }
  try {
    await pin(groups);
    const floor = await reject(from.imageId, requestId);
    await lease.save({
      rollout: { kind: 'back', ...whole, at: new Date().toISOString(), announced: false },
      present: { imageId: image.imageId, createdAt: image.createdAt },
      floor: later(floor, lease.entry.floor),
    });
    await makeDefault(follower.templateId, to.version);
  } catch (error) {
    const failure = refusal(error);
    if (!failure) throw error;
    return nothing(refuse(lease, whole, failure, rollouts.busName));
  }
  await complete(lease, groups, rollouts);
  return lease.entry.present;
}

const nothing = (told: Promise<void>): Promise<undefined> => told.then(() => undefined);

interface Target {
  readonly to: Version;
  readonly image: OwnedImage;
}

/** The version to go back to, if instances can be started from it. */
async function targetOf({ entry }: Lease, from: Version, back: Back): Promise<Target | RolloutFailure> {
  const { templateId } = from;
  const sinceOurs = entry.rollout?.version === from.version ? inForceSince(entry.rollout) : 0;
  const since = new Date(Math.max(from.createdAt.getTime(), sinceOurs));
  const decided = rollbackOf({ ...from, since }, back);
  if ('code' in decided) return decided;
  const { version } = decided;
  const to = await versionOf(templateId, String(version));
  if (!to)
    return { code: 'nothing-to-roll-back', message: `${templateId} has no version ${version} (any more).` };
  const [image] = to.imageId ? await imagesWithIds([to.imageId]) : [];
  if (image?.state === 'available') return { to, image };
  const what = to.imageId ? `${to.imageId}, which is ${image?.state ?? 'gone'}` : 'no image';
  return { code: 'image-unusable', message: `Version ${version} of ${templateId} has ${what}.` };
}

/** Marks an image so that nobody follows it again, if it is of this account. */
export async function reject(imageId: string | undefined, requestId: string): Promise<Place | undefined> {
  const image = imageId ? await imageById(imageId) : undefined;
  if (!image) return undefined;
  await tag([image.imageId], { [REJECTED_TAG]: requestId });
  return { imageId: image.imageId, createdAt: image.createdAt };
}
