import { publish } from '../../shared/aws/bus.ts';
import { taggedImages } from '../../shared/aws/images.ts';
import { followerById, followers } from '../../shared/aws/rollout/followers.ts';
import { refreshableGroups } from '../../shared/aws/rollout/groups.ts';
import { entryOf, remember } from '../../shared/aws/rollout/ledger.ts';
import { pointBack } from '../../shared/aws/rollout/pointer.ts';
import { rollBack } from '../../shared/aws/rollout/roll-back.ts';
import type { RolloutFailure } from '../../shared/domain/rollout/failures.ts';
import type { Follower } from '../../shared/domain/rollout/follower.ts';
import { AmiRollbackRequested } from '../../shared/events/ami-rollback-requested.ts';
import { AmiRolloutFailed } from '../../shared/events/ami-rollout-failed.ts';
import { anyDetail, type Envelope } from '../../shared/events/event.ts';
import { check, sentenceOf } from '../../shared/events/problems.ts';
import { derivedRequestId, requestKey } from '../../shared/events/request-key.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { each } from '../../shared/runtime/each.ts';
import { environment, whole } from '../../shared/runtime/environment.ts';
import { rolloutEnvironment } from '../../shared/runtime/rollout-environment.ts';

const rollouts = rolloutEnvironment();
const { tableName, busName } = rollouts;
const env = environment({ RECORD_DAYS: whole });

const AT_ONCE = 5;

/** Takes a rollout back, once for each request: a replay must not go one version further back. */
export const handler = consumer(anyDetail, async (envelope) => {
  const { data, problems } = check(AmiRollbackRequested.schema, envelope.detail);
  const requestId = data?.requestId ?? derivedRequestId(envelope);
  const id = data
    ? `rollback#${requestKey(envelope, requestId)}`
    : `rollback#refused#${derivedRequestId(envelope)}`;
  if (await entryOf(tableName, id)) return;
  if (data) await goBack(data, requestId, envelope);
  else await fail({ requestId }, { code: 'invalid-request', message: sentenceOf(problems) });
  await remember(tableName, id, env.RECORD_DAYS, new Date());
});

async function goBack(request: AmiRollbackRequested, requestId: string, { time }: Envelope): Promise<void> {
  const { version, launchTemplateId } = request;
  const following = await followersOf(request);
  const instanceName = request.instanceName ?? following[0]?.instanceName;
  const known = {
    requestId,
    ...(launchTemplateId && { launchTemplateId }),
    ...(instanceName && { instanceName }),
  };
  if (version !== undefined && following.length > 1) return fail(known, ofSeveral(following, version));
  const groups = following.length > 0 ? await refreshableGroups() : [];
  const at = new Date(time);
  const targets: string[] = [];
  await each(following, AT_ONCE, async (follower) => {
    const target = await rollBack({ follower, requestId, version, at, groups }, rollouts);
    if (target) targets.push(target);
  });
  const isPointed = instanceName && (await pointedBack({ instanceName, requestId, at, following, targets }));
  if (following.length === 0 && !isPointed) await fail(known, nobody(request));
}

const followersOf = async ({
  instanceName,
  launchTemplateId = '',
}: AmiRollbackRequested): Promise<Follower[]> =>
  instanceName
    ? followers(instanceName)
    : [await followerById(launchTemplateId)].filter((each) => each !== undefined);

interface Went {
  readonly instanceName: string;
  readonly requestId: string;
  readonly at: Date;
  readonly following: readonly Follower[];
  /** The images in force now. */
  readonly targets: readonly string[];
}

/** Where no template went back, the pointer stays, unless it is all that there is. */
async function pointedBack({ following, targets, ...back }: Went): Promise<boolean> {
  if (following.length > 0 && targets.length === 0) return true;
  const images = await taggedImages(back.instanceName);
  return pointBack({ ...back, images, target: targets[0] }, rollouts);
}

const fail = (known: Omit<AmiRolloutFailed, 'code' | 'message'>, failure: RolloutFailure) =>
  publish(busName, AmiRolloutFailed.encode({ ...known, ...failure }));

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
