import { paginateDescribeSnapshots, type Snapshot } from '@aws-sdk/client-ec2';
import { INSTANCE_NAME_TAG } from '../domain/ownership.ts';
import type { SnapshotFacts } from '../domain/retention/facts.ts';
import { ec2In, literal, tagsOf } from './ec2.ts';

const GIB = 1024 ** 3;

/** As EC2 describes the snapshots that it makes: `… for ami-…`, `Copied for DestinationAmi ami-… from …`. */
const MADE_FOR = /\b(?:for|for DestinationAmi) (ami-[0-9a-f]+)\b/;

/** Every snapshot of this account that carries our tag, or those of one instance name only. */
export async function taggedSnapshots(region: string, instanceName?: string): Promise<SnapshotFacts[]> {
  const filter = instanceName
    ? { Name: `tag:${INSTANCE_NAME_TAG}`, Values: [literal(instanceName)] }
    : { Name: 'tag-key', Values: [INSTANCE_NAME_TAG] };
  const found: SnapshotFacts[] = [];
  const pages = paginateDescribeSnapshots(
    { client: ec2In(region) },
    { OwnerIds: ['self'], Filters: [filter], MaxResults: 1000 },
  );
  for await (const { Snapshots = [] } of pages) found.push(...Snapshots.map(factsOf));
  return found;
}

const factsOf = (snapshot: Snapshot): SnapshotFacts => ({
  snapshotId: snapshot.SnapshotId ?? '',
  state: snapshot.State ?? 'unknown',
  startedAt: snapshot.StartTime ?? new Date(Number.NaN),
  tags: tagsOf(snapshot.Tags),
  bytes: snapshot.FullSnapshotSizeInBytes ?? (snapshot.VolumeSize ?? 0) * GIB,
  madeFor: MADE_FOR.exec(snapshot.Description ?? '')?.[1],
});

/** Those of these snapshots that are still there. */
export async function snapshotsThere(ids: readonly string[], region: string): Promise<string[]> {
  if (ids.length === 0) return [];
  const found: string[] = [];
  const pages = paginateDescribeSnapshots(
    { client: ec2In(region) },
    { OwnerIds: ['self'], Filters: [{ Name: 'snapshot-id', Values: [...ids] }] },
  );
  for await (const { Snapshots = [] } of pages)
    found.push(...Snapshots.flatMap(({ SnapshotId }) => SnapshotId ?? []));
  return found;
}
