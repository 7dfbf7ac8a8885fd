import { paginateDescribeSnapshots } from '@aws-sdk/client-ec2';
import type { TaggedSnapshot } from '../domain/orphans.ts';
import { INSTANCE_NAME_TAG } from '../domain/ownership.ts';
import { ec2, tagsOf } from './ec2.ts';

/** Every snapshot of this account that carries our tag. */
export async function taggedSnapshots(): Promise<TaggedSnapshot[]> {
  const found: TaggedSnapshot[] = [];
  const pages = paginateDescribeSnapshots(
    { client: ec2 },
    { OwnerIds: ['self'], Filters: [{ Name: 'tag-key', Values: [INSTANCE_NAME_TAG] }], MaxResults: 1000 },
  );
  for await (const { Snapshots = [] } of pages) {
    found.push(
      ...Snapshots.map((snapshot) => ({
        snapshotId: snapshot.SnapshotId ?? '',
        state: snapshot.State ?? 'unknown',
        startedAt: snapshot.StartTime ?? new Date(Number.NaN),
        description: snapshot.Description ?? '',
        tags: tagsOf(snapshot.Tags),
      })),
    );
  }
  return found;
}
