import type { Failure } from './failures.ts';

/** What deciding needs to know of an instance. */
export interface Candidate {
  readonly instanceId: string;
  readonly name: string;
  readonly state: string;
  readonly launchedAt: Date;
  readonly rootDeviceType: string;
}

/**
 * The running instances with exactly that name, the one to image first: least launch time, ties by id.
 * EC2's filters treat `*` and `?` as wildcards, so what they returned is compared again here.
 */
export function candidatesFor(name: string, instances: readonly Candidate[]): Candidate[] {
  return instances
    .filter((instance) => instance.name === name && instance.state === 'running')
    .sort((a, b) => a.launchedAt.getTime() - b.launchedAt.getTime() || compare(a.instanceId, b.instanceId));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export const noInstance = (name: string): Failure => ({
  code: 'no-running-instance',
  message: `No running instance has exactly the Name tag "${name}". Start one, or correct the name.`,
});

export const instanceStoreBacked = ({ instanceId, name }: Candidate): Failure => ({
  code: 'instance-store-backed',
  message:
    `The oldest running instance named "${name}", ${instanceId}, has an instance store as its root device. ` +
    'EC2 makes images only of instances with an EBS root volume.',
});
