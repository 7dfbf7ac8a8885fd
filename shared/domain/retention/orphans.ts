import { foreignOwner, instanceNameOf } from '../ownership.ts';
import type { Facts, SnapshotFacts } from './facts.ts';
import { byAge, kept, unknown, used } from './guards.ts';
import type { Planned } from './planned.ts';
import { daysOf, ownDays, policyFor, type Retention } from './policy.ts';
import { DAY_MS } from './stages.ts';

/**
 * The snapshots of ours that no image of these has: what a run that died between an image and its snapshots has
 * left behind, or somebody who deregistered by hand. The oldest first.
 */
export function planSnapshots(facts: Facts, retention: Retention, now: Date): Planned[] {
  const held = new Set(facts.images.flatMap(({ snapshotIds }) => snapshotIds));
  const there = new Set(facts.images.map(({ imageId }) => imageId));
  const alone = new Map(
    facts.snapshots.flatMap((each) =>
      held.has(each.snapshotId) || !each.madeFor || there.has(each.madeFor) ? [] : [[each.snapshotId, each]],
    ),
  );
  return [...alone.values()]
    .sort((a, b) => byAge(a.startedAt, b.startedAt) || (a.snapshotId < b.snapshotId ? -1 : 1))
    .flatMap((snapshot) => decide(snapshot, facts, retention, now) ?? []);
}

function decide(
  snapshot: SnapshotFacts,
  { uses }: Facts,
  retention: Retention,
  now: Date,
): Planned | undefined {
  const { snapshotId, tags, madeFor = '', bytes, state } = snapshot;
  const instanceName = instanceNameOf(tags) ?? '';
  const days = daysOf(tags, policyFor(retention, instanceName));
  const age = (now.getTime() - snapshot.startedAt.getTime()) / DAY_MS;
  if (!(age > days)) return undefined;
  const owner = foreignOwner(tags);
  const against = [
    owner ? `owned by ${owner}` : instanceName ? undefined : 'not ours',
    state === 'completed' ? undefined : `state ${state}`,
    kept(tags),
    ownDays(tags) === 'unreadable' ? 'tag amity:retention-days unreadable' : undefined,
    used(snapshotId, uses),
    unknown(snapshotId, uses),
  ].filter((reason) => reason !== undefined);
  return {
    action: against.length === 0 ? 'delete-snapshot' : 'keep',
    wanted: 'delete-snapshot',
    imageId: madeFor,
    imageName: tags.Name ?? '',
    instanceName,
    snapshotId,
    snapshotIds: [snapshotId],
    bytes,
    ageDays: Math.floor(age),
    for: [`older than ${days} days`, 'its image is gone'],
    against,
  };
}
