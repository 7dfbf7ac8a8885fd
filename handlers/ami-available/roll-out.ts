import { imagesOfNames, withImage } from '../../shared/aws/rollout/family.ts';
import { followers } from '../../shared/aws/rollout/followers.ts';
import { refreshableGroups } from '../../shared/aws/rollout/groups.ts';
import { rollOut } from '../../shared/aws/rollout/roll-out.ts';
import { AmiAvailable } from '../../shared/events/ami-available.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { each } from '../../shared/runtime/each.ts';
import { rolloutEnvironment } from '../../shared/runtime/rollout-environment.ts';

const rollouts = rolloutEnvironment();

/** Enough for what is at work on some templates. */
const RESERVE_MS = 60_000;
/** Launch templates at a time: EC2 takes 5 changes a second. */
const AT_ONCE = 5;

/**
 * Whatever follows the name gets its newest image: as EC2 has them now, not the one of the event, which may be an old one.
 */
export const handler = consumer(AmiAvailable, async ({ instanceName, imageId }, { context }) => {
  const following = await followers(instanceName);
  if (following.length === 0) return;
  const [listed, groups] = await Promise.all([imagesOfNames([instanceName]), refreshableGroups()]);
  const images = await withImage(listed, imageId);
  const hasTime = () => context.getRemainingTimeInMillis() > RESERVE_MS;
  await each(following, AT_ONCE, (follower) => rollOut({ follower, images, groups }, rollouts), hasTime);
});
