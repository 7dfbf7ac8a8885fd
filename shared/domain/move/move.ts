import type { MoveFailure } from './failures.ts';

/** On what a move starts: the instance that it is like. */
export const MOVED_FROM_TAG = 'amity:moved-from';
/** On the source of a move that is to be stopped: the instance that took its place. */
export const MOVED_TO_TAG = 'amity:moved-to';

export interface SourceFacts {
  readonly instanceId: string;
  readonly name: string;
  readonly state: string;
  readonly rootDeviceType: string;
  readonly groupName: string | undefined;
  readonly vpcId: string | undefined;
}

export interface SubnetFacts {
  readonly subnetId: string;
  readonly vpcId: string;
}

/** Why an instance cannot be moved there; nothing, where it can. */
export function cannotMove(
  source: SourceFacts | undefined,
  subnet: SubnetFacts | undefined,
): MoveFailure | undefined {
  const unfit = (why: string): MoveFailure => ({ code: 'source-unfit', message: `The source ${why}.` });
  if (!source) return unfit('does not exist in this account and region');
  const { instanceId, state, name, rootDeviceType, groupName } = source;
  if (state !== 'running') return unfit(`${instanceId} is ${state}, not running`);
  if (!name) return unfit(`${instanceId} has no Name tag, by which its image would be called`);
  if (rootDeviceType !== 'ebs')
    return unfit(`${instanceId} has an instance store for its root device, which EC2 does not image`);
  if (groupName)
    return unfit(
      `${instanceId} is a member of the Auto Scaling group ${groupName}, which might replace it while it reboots`,
    );
  if (!subnet)
    return { code: 'subnet-unfit', message: 'The target subnet does not exist in this account and region.' };
  if (subnet.vpcId === source.vpcId) return undefined;
  return {
    code: 'subnet-unfit',
    message: `The target subnet ${subnet.subnetId} is in ${subnet.vpcId}, and the source in ${source.vpcId}: its security groups do not go there.`,
  };
}

/** The status checks of an instance, as EC2 has them. */
export interface StatusFacts {
  readonly state: string;
  readonly instanceStatus: string;
  readonly systemStatus: string;
}

const LONGEST_MS = 3_600_000;

/** Whether the new instance has passed its checks; nothing, while it may still. @param since when it was begun */
export function healthOf(
  status: StatusFacts | undefined,
  since: Date,
  now: Date,
): 'healthy' | MoveFailure | undefined {
  const { state = 'unknown', instanceStatus = 'unknown', systemStatus = 'unknown' } = status ?? {};
  if (state === 'running' && instanceStatus === 'ok' && systemStatus === 'ok') return 'healthy';
  const unhealthy = (what: string): MoveFailure => ({
    code: 'unhealthy',
    message: `The new instance ${what}.`,
  });
  if (['shutting-down', 'terminated', 'stopping', 'stopped'].includes(state)) return unhealthy(`is ${state}`);
  if (now.getTime() - since.getTime() < LONGEST_MS) return undefined;
  return unhealthy(
    `is ${state}, and its status checks say ${instanceStatus} (instance) and ${systemStatus} (system) after an hour`,
  );
}
