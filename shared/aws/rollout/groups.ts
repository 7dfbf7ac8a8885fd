import {
  ActiveInstanceRefreshNotFoundFault,
  type AutoScalingGroup,
  CancelInstanceRefreshCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  type InstanceRefresh,
  paginateDescribeAutoScalingGroups,
  StartInstanceRefreshCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import type { Tags } from '../../domain/ownership.ts';
import { REFRESH_TAG, type RefreshPreferences } from '../../domain/rollout/refresh.ts';
import { autoScaling } from '../auto-scaling.ts';
import { tagsOf } from '../ec2.ts';
import type { Launches } from './group-launches.ts';

/** An Auto Scaling group that may be refreshed. */
export interface Group extends Launches {
  readonly name: string;
  readonly tags: Tags;
}

/** Every group that wants to be refreshed. */
export async function refreshableGroups(): Promise<Group[]> {
  const found: AutoScalingGroup[] = [];
  const pages = paginateDescribeAutoScalingGroups(
    { client: autoScaling },
    { Filters: [{ Name: `tag:${REFRESH_TAG}`, Values: ['true'] }], MaxRecords: 100 },
  );
  for await (const page of pages) found.push(...(page.AutoScalingGroups ?? []));
  return found.map(asGroup).filter(isRefreshable);
}

/** The group of that name, if it still wants to be refreshed. */
export async function refreshableGroup(name: string): Promise<Group | undefined> {
  const { AutoScalingGroups = [] } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  return AutoScalingGroups.map(asGroup).find(isRefreshable);
}

const isRefreshable = ({ tags }: Group) => tags[REFRESH_TAG] === 'true';

const asGroup = (group: AutoScalingGroup): Group => ({
  name: group.AutoScalingGroupName ?? '',
  tags: tagsOf(group.Tags),
  launchTemplate: group.LaunchTemplate,
  policy: group.MixedInstancesPolicy,
});

/** Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html */
export async function update({ name }: Group, { launchTemplate, policy }: Launches): Promise<void> {
  await autoScaling.send(
    new UpdateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchTemplate: launchTemplate,
      MixedInstancesPolicy: policy,
    }),
  );
}

/**
 * Replaces a group's instances by those of another version, and goes back by itself where that fails. An instance that
 * runs the version already stays.
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html
 */
export async function startRefresh(
  { name }: Group,
  { launchTemplate, policy }: Launches,
  { minHealthy, checkpoints }: RefreshPreferences,
): Promise<string> {
  const { InstanceRefreshId } = await autoScaling.send(
    new StartInstanceRefreshCommand({
      AutoScalingGroupName: name,
      Strategy: 'Rolling',
      DesiredConfiguration: { LaunchTemplate: launchTemplate, MixedInstancesPolicy: policy },
      Preferences: {
        AutoRollback: true,
        SkipMatching: true,
        ...(minHealthy !== undefined && { MinHealthyPercentage: minHealthy }),
        ...(checkpoints && { CheckpointPercentages: [...checkpoints] }),
      },
    }),
  );
  if (!InstanceRefreshId) throw new Error('StartInstanceRefresh answered without an id');
  return InstanceRefreshId;
}

/** The refresh with that id, or the newest one. */
export async function refreshOf(name: string, refreshId?: string): Promise<InstanceRefresh | undefined> {
  const { InstanceRefreshes = [] } = await autoScaling.send(
    new DescribeInstanceRefreshesCommand({
      AutoScalingGroupName: name,
      ...(refreshId ? { InstanceRefreshIds: [refreshId] } : { MaxRecords: 1 }),
    }),
  );
  return InstanceRefreshes[0];
}

/** What was replaced stays replaced: the next refresh has it all. One that is over meanwhile needs no cancelling. */
export async function cancelRefresh(name: string): Promise<void> {
  try {
    await autoScaling.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName: name }));
  } catch (error) {
    if (!(error instanceof ActiveInstanceRefreshNotFoundFault)) throw error;
  }
}
