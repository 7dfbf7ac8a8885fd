import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { taggedImages } from '../../shared/aws/images.ts';
import { imagesOfNames } from '../../shared/aws/rollout/family.ts';
import { followers } from '../../shared/aws/rollout/followers.ts';
import { refreshableGroups } from '../../shared/aws/rollout/groups.ts';
import { point } from '../../shared/aws/rollout/pointer.ts';
import { rollOut } from '../../shared/aws/rollout/roll-out.ts';
import { instanceNameOf } from '../../shared/domain/ownership.ts';
import { pointerOf } from '../../shared/domain/rollout/pointer.ts';
import { each } from '../../shared/runtime/each.ts';
import { rolloutEnvironment } from '../../shared/runtime/rollout-environment.ts';

const rollouts = rolloutEnvironment();

const RESERVE_MS = 60_000;
const AT_ONCE = 5;

/**
 * Brings every launch template that follows a name, and every pointer, to the newest image: those too that no event of ours
 * tells of, and what an event missed. It ends in an error where something failed; to call it again does the rest.
 */
export const handler = middy(async (_: unknown, context: Context): Promise<void> => {
  const hasTime = () => context.getRemainingTimeInMillis() > RESERVE_MS;
  const [following, groups, ours] = await Promise.all([followers(), refreshableGroups(), taggedImages()]);
  const images = await imagesOfNames(following.map(({ instanceName }) => instanceName));
  const byName = Map.groupBy(ours, ({ tags }) => instanceNameOf(tags) ?? '');
  byName.delete('');
  const byPointer = Map.groupBy(byName, ([name]) => pointerOf(name));
  const todo = [
    ...following.map((follower) => () => rollOut({ follower, images, groups }, rollouts)),
    // Names that clash one after the other: who is at work on a parameter keeps the next one from it.
    ...[...byPointer.values()].map(
      (names) => () => each(names, 1, ([name, of]) => point(name, of, rollouts)),
    ),
  ];
  await each(todo, AT_ONCE, (one) => one(), hasTime);
});
