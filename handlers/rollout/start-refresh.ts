import { type InstanceRefresh, InstanceRefreshInProgressFault } from '@aws-sdk/client-auto-scaling';
import middy from '@middy/core';
import * as z from 'zod/mini';
import { refusal } from '../../shared/aws/auto-scaling.ts';
import { isAt, specificationsOf, uses, withVersion } from '../../shared/aws/rollout/group-launches.ts';
import {
  cancelRefresh,
  type Group,
  refreshableGroup,
  refreshOf,
  startRefresh,
} from '../../shared/aws/rollout/groups.ts';
import { entryOf } from '../../shared/aws/rollout/ledger.ts';
import { Refresh } from '../../shared/aws/rollout/refresh.ts';
import { templateEntry } from '../../shared/domain/rollout/entry.ts';
import type { RolloutFailure } from '../../shared/domain/rollout/failures.ts';
import { preferencesOf } from '../../shared/domain/rollout/refresh.ts';
import { environment, text } from '../../shared/runtime/environment.ts';
import { log } from '../../shared/runtime/log.ts';

const env = environment({ ROLLOUTS_TABLE: text });

const Question = z.object({ refresh: Refresh });

type Started =
  | { readonly outcome: 'started'; readonly refreshId: string }
  /** Another refresh of the group runs: this one is begun when that has ended. */
  | { readonly outcome: 'busy' }
  /** There is nothing (any more) to be done for the group. */
  | { readonly outcome: 'over' }
  | ({ readonly outcome: 'failed' } & RolloutFailure);

/** Begins the refresh of a group, if it is still what the launch template wants: the newest one wins. */
export const handler = middy(async (event: unknown): Promise<Started> => {
  const { refresh } = Question.parse(event);
  const { autoScalingGroupName, launchTemplateId, version } = refresh;
  const entry = await entryOf(env.ROLLOUTS_TABLE, templateEntry(launchTemplateId));
  const group = await refreshableGroup(autoScalingGroupName);
  if (entry?.rollout?.version !== version || !group || !uses(group, launchTemplateId)) {
    log.info('A refresh is not wanted any more', { ...refresh });
    return { outcome: 'over' };
  }
  const preferences = preferencesOf(group.name, group.tags);
  if ('code' in preferences) return { outcome: 'failed', ...preferences };
  try {
    const wanted = withVersion(group, launchTemplateId, version);
    return { outcome: 'started', refreshId: await startRefresh(group, wanted, preferences) };
  } catch (error) {
    if (error instanceof InstanceRefreshInProgressFault)
      return behind(await refreshOf(group.name), refresh, group);
    return { outcome: 'failed', ...refusedBy(error) };
  }
});

/** What runs already: this one, whose answer was lost; what a rollback is to end; or somebody else's. */
async function behind(
  running: InstanceRefresh | undefined,
  refresh: Refresh,
  group: Group,
): Promise<Started> {
  const { launchTemplateId, version, previousVersion } = refresh;
  const { LaunchTemplate: launchTemplate, MixedInstancesPolicy: policy } =
    running?.DesiredConfiguration ?? {};
  const desired = { launchTemplate, policy };
  const goesTo = (number: number) =>
    specificationsOf(desired).length > 0 &&
    uses(desired, launchTemplateId) &&
    isAt(desired, launchTemplateId, number);
  if (running?.InstanceRefreshId && running.Status !== 'Cancelling' && goesTo(version)) {
    return { outcome: 'started', refreshId: running.InstanceRefreshId };
  }
  // One that finds the template there already is about something else: of another template of the group, say.
  const brings = goesTo(previousVersion) && !isAt(group, launchTemplateId, previousVersion);
  if (refresh.kind === 'back' && brings) await cancelRefresh(group.name);
  return { outcome: 'busy' };
}

function refusedBy(error: unknown): RolloutFailure {
  const refused = refusal(error);
  if (!refused) throw error;
  if (refused.code === 'ec2-rejected') return { ...refused, code: 'refresh-refused' };
  return /iam:PassRole/.test(refused.message) ? { ...refused, code: 'pass-role' } : refused;
}
