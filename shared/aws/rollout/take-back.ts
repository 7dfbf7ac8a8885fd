import type { Entry } from '../../domain/rollout/entry.ts';
import type { RolloutFailure } from '../../domain/rollout/failures.ts';
import type { Follower } from '../../domain/rollout/follower.ts';
import { later, type Place } from '../../domain/rollout/newest.ts';
import { lastRolledOut } from '../../domain/rollout/rollback.ts';
import type { AmiRollbackRequested } from '../../events/ami-rollback-requested.ts';
import { AmiRolloutFailed } from '../../events/ami-rollout-failed.ts';
import { each } from '../../runtime/each.ts';
import { publish } from '../bus.ts';
import { taggedImages } from '../images.ts';
import type { Rollouts } from './carry-out.ts';
import { followerById, followers } from './followers.ts';
import { refreshableGroups } from './groups.ts';
import { pointBack } from './pointer.ts';
import { rollBack } from './roll-back.ts';
import { type Version, versionOf } from './templates.ts';

/** Launch templates at a time: EC2 takes 5 changes a second. */
const AT_ONCE = 5;

export interface TakeBack {
  readonly request: AmiRollbackRequested;
  readonly requestId: string;
  /** When it was asked for. */
  readonly at: Date;
  /** What an earlier delivery has written down. */
  readonly entry: Entry;
  readonly save: (change: Pick<Entry, 'present'>) => Promise<void>;
}

/** Takes launch templates, their groups and the pointer of a name back, or one template. */
export async function takeBack(take: TakeBack, rollouts: Rollouts): Promise<void> {
  const { request, requestId, at } = take;
  const { version, launchTemplateId } = request;
  const following = await followersOf(request);
  const instanceName = request.instanceName ?? following[0]?.instanceName;
  const fail = (failure: RolloutFailure) =>
    publish(
      rollouts.busName,
      AmiRolloutFailed.encode({
        requestId,
        ...(launchTemplateId && { launchTemplateId }),
        ...(instanceName && { instanceName }),
        ...failure,
      }),
    );
  if (version !== undefined && following.length > 1) return fail(ofSeveral(following, version));
  const groups = following.length > 0 ? await refreshableGroups() : [];
  const wrong = version === undefined ? await wrongImage(following, take) : undefined;
  const targets: Place[] = [];
  await each(following, AT_ONCE, async (follower) => {
    const target = await rollBack({ follower, requestId, version, at, wrong, groups }, rollouts);
    if (target) targets.push(target);
  });
  // Where no template went back, the pointer stays, unless it is all that there is.
  if (!instanceName || (following.length > 0 && targets.length === 0)) {
    return following.length > 0 ? undefined : fail(nobody(request));
  }
  const images = await taggedImages(instanceName);
  const target = targets.reduce<Place | undefined>(later, undefined);
  const isThere = await pointBack({ instanceName, requestId, at, images, target }, rollouts);
  if (!isThere && following.length === 0) await fail(nobody(request));
}

const followersOf = async ({
  instanceName,
  launchTemplateId = '',
}: AmiRollbackRequested): Promise<Follower[]> =>
  instanceName
    ? followers(instanceName)
    : [await followerById(launchTemplateId)].filter((each) => each !== undefined);

/** Written down before anything goes back: a later delivery, which finds other images in force, means the same. */
async function wrongImage(
  following: readonly Follower[],
  { entry, save }: TakeBack,
): Promise<string | undefined> {
  if (entry.present) return entry.present.imageId;
  const inForce: Version[] = [];
  await each(following, AT_ONCE, async ({ templateId }) => {
    const version = await versionOf(templateId, '$Default');
    if (version) inForce.push(version);
  });
  const imageId = lastRolledOut(inForce);
  if (imageId) await save({ present: { imageId, createdAt: '' } });
  return imageId;
}

const ofSeveral = (following: readonly Follower[], version: number): RolloutFailure => ({
  code: 'invalid-request',
  message:
    `version ${version} may be asked for of one launch template only, and ${following.length} follow this name. ` +
    'Name the launchTemplateId.',
});

const nobody = ({ instanceName, launchTemplateId }: AmiRollbackRequested): RolloutFailure => ({
  code: 'no-follower',
  message: instanceName
    ? `No launch template follows "${instanceName}", and it has no pointer.`
    : `${launchTemplateId} is not there, or does not carry the tag amity:follow.`,
});
