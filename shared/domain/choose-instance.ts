import type { Failure } from './failures.ts';

/** What deciding needs to know of an instance. */
export interface Candidate {
  readonly instanceId: string;
  readonly name: string;
  readonly state: string;
  readonly launchedAt: Date;
  readonly rootDeviceType: string;
  /** The Auto Scaling group that it is a member of. */
  readonly groupName?: string | undefined;
}

/** Which instances a request means. */
export interface Meant {
  readonly instanceName: string;
  /** That one alone. */
  readonly wantedInstanceId?: string | undefined;
}

/**
 * The running instances with exactly that name, the one to image first: least launch time, ties by id.
 * EC2's filters treat `*` and `?` as wildcards, so what they returned is compared again here.
 */
export function candidatesFor(
  { instanceName, wantedInstanceId }: Meant,
  instances: readonly Candidate[],
): Candidate[] {
  return instances
    .filter(({ name, state }) => name === instanceName && state === 'running')
    .filter(({ instanceId }) => !wantedInstanceId || instanceId === wantedInstanceId)
    .sort((a, b) => a.launchedAt.getTime() - b.launchedAt.getTime() || compare(a.instanceId, b.instanceId));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export const noInstance = ({ instanceName, wantedInstanceId }: Meant): Failure => ({
  code: 'no-running-instance',
  message: wantedInstanceId
    ? `${wantedInstanceId} is not running, or has not exactly the Name tag "${instanceName}".`
    : `No running instance has exactly the Name tag "${instanceName}". Start one, or correct the name.`,
});

/** A group takes an instance that reboots for an unhealthy one: who names an instance wants to keep it. */
export function inGroup(
  {
    wantedInstanceId,
    noReboot,
  }: { readonly wantedInstanceId?: string | undefined; readonly noReboot: boolean },
  { instanceId, groupName }: Candidate,
): Failure | undefined {
  if (!wantedInstanceId || noReboot || !groupName) return undefined;
  return {
    code: 'auto-scaling-member',
    message: `${instanceId} is a member of the Auto Scaling group ${groupName}, which might replace it while it reboots.`,
  };
}

export const instanceStoreBacked = ({ instanceId, name }: Candidate): Failure => ({
  code: 'instance-store-backed',
  message:
    `The oldest running instance named "${name}", ${instanceId}, has an instance store as its root device. ` +
    'EC2 makes images only of instances with an EBS root volume.',
});
