import type { LaunchTemplateSpecification } from '@aws-sdk/client-auto-scaling';
import type { Rollout } from '../../domain/rollout/entry.ts';
import type { RolloutFailure } from '../../domain/rollout/failures.ts';
import { AmiRolledBack } from '../../events/ami-rolled-back.ts';
import { AmiRolledOut } from '../../events/ami-rolled-out.ts';
import { hashOf } from '../../events/request-key.ts';
import { publish } from '../bus.ts';
import { startExecution } from '../state-machine.ts';
import { isAt, isMoving, pinned, specificationsOf } from './group-launches.ts';
import { type Group, refreshableGroup, update } from './groups.ts';
import type { Lease } from './ledger.ts';
import { roleRefused } from './roles.ts';
import { type Version, versionOf } from './templates.ts';

/** Where rollouts are written down, told and followed, and what the configuration says of them. */
export interface Rollouts {
  readonly tableName: string;
  readonly busName: string;
  /** The state machine that refreshes a group. */
  readonly stateMachineArn: string;
  /** Names or ARNs of the roles that launch templates may pass. */
  readonly instanceRoles: readonly string[];
  readonly dryRun: boolean;
}

/**
 * Gives numbers to the versions that groups have as `$Default` or `$Latest`: those that these mean now. Else a group
 * would start instances of the new version before its refresh does, and have nothing to go back to.
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
 */
export async function pin(groups: readonly Group[]): Promise<void> {
  for (const group of groups) {
    const moving = specificationsOf(group).filter(isMoving);
    if (moving.length === 0) continue;
    const numbers = new Map<string, number>();
    for (const each of moving) numbers.set(meant(each), await numberOf(each));
    await update(
      group,
      pinned(group, (each) => numbers.get(meant(each)) ?? 0),
    );
  }
}

const meant = ({ LaunchTemplateId = '', Version = '$Default' }: LaunchTemplateSpecification) =>
  `${LaunchTemplateId}:${Version}`;

async function numberOf({
  LaunchTemplateId = '',
  Version = '$Default',
}: LaunchTemplateSpecification): Promise<number> {
  const found = await versionOf(LaunchTemplateId, Version);
  if (!found) throw new Error(`A group starts from ${LaunchTemplateId}:${Version}, which is not there`);
  return found.version;
}

/** A group passes the role of its template to what it starts; without a group, nobody does. */
export const mayPass = (
  { profile }: Pick<Version, 'profile'>,
  groups: readonly Group[],
  { instanceRoles }: Rollouts,
): Promise<RolloutFailure | undefined> =>
  groups.length > 0 ? roleRefused(profile, instanceRoles) : Promise.resolve(undefined);

/** Tells of a rollout, or a rollback, and begins the refresh of each group, once. */
export async function complete(
  lease: Lease,
  groups: readonly Group[],
  { busName, stateMachineArn }: Rollouts,
): Promise<void> {
  const { rollout } = lease.entry;
  if (!rollout) return;
  const { kind, at, announced, ...told } = rollout;
  if (!announced) await publish(busName, (kind === 'out' ? AmiRolledOut : AmiRolledBack).encode(told));
  for (const group of groups) {
    // A group can be at it and still be on its way elsewhere: another refresh tells what it is at only when it has ended.
    if (announced && isAt(group, rollout.launchTemplateId, rollout.version)) continue;
    // One that came, or was set back to a version that moves, after the others were pinned.
    const late = announced ? await refreshableGroup(group.name) : undefined;
    if (late) await pin([late]);
    const input = { ...told, kind, autoScalingGroupName: group.name };
    await startExecution(stateMachineArn, executionOf(rollout, group.name), input);
  }
  if (!announced) await lease.save({ rollout: { ...rollout, announced: true } });
}

/** At most 80 characters: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
const executionOf = ({ launchTemplateId, version, requestId, at }: Rollout, groupName: string) =>
  `${launchTemplateId}-${version}-${hashOf(groupName, requestId, at)}`;
