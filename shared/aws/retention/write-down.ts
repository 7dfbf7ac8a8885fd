import type { LaunchPermission } from '@aws-sdk/client-ec2';
import type { Tags } from '../../domain/ownership.ts';
import type { ImageFacts } from '../../domain/retention/facts.ts';
import type { Planned } from '../../domain/retention/planned.ts';
import type { Permission, Retired } from '../../domain/retention/retired.ts';
import { inDays } from '../table.ts';
import type { Acting } from './acting.ts';
import type { Answer } from './ask.ts';
import { record } from './journal.ts';

/** How long after the Recycle Bin has forgotten it somebody may still ask what became of an image. */
const REMEMBER_DAYS = 90;

/** Written down before and after: what a run that dies in between has done can still be told, and undone. */
export async function carryOutAll(
  entries: readonly Planned[],
  snapshotTags: ReadonlyMap<string, Tags>,
  { images, permissions }: Answer,
  acting: Acting,
): Promise<void> {
  const retired = entries.map((entry) =>
    retiredFrom(entry, images.get(entry.imageId), snapshotTags, permissions, acting),
  );
  await record(acting.journal, retired);
  const outcomes = await Promise.all(
    entries.map((entry) => acting.carryOut(entry, images.get(entry.imageId))),
  );
  await record(
    acting.journal,
    retired.map((each, index) => ({ ...each, ...outcomes[index] })),
  );
}

const retiredFrom = (
  entry: Planned,
  image: ImageFacts | undefined,
  snapshotTags: ReadonlyMap<string, Tags>,
  permissions: Answer['permissions'],
  { runId, region, recycleBinDays }: Acting,
): Retired & { expiresAt?: number } => ({
  runId,
  id: entry.snapshotId ?? entry.imageId,
  region,
  action: entry.action,
  at: new Date().toISOString(),
  imageId: entry.imageId,
  imageName: entry.imageName,
  instanceName: entry.instanceName,
  ageDays: entry.ageDays,
  bytes: entry.bytes,
  tags: image?.tags ?? {},
  snapshotIds: [...entry.snapshotIds],
  snapshotTags: Object.fromEntries(entry.snapshotIds.map((id) => [id, snapshotTags.get(id) ?? {}])),
  permissions: (permissions.get(entry.imageId) ?? []).map(permissionOf),
  ...(entry.action !== 'disable' && { expiresAt: inDays(recycleBinDays + REMEMBER_DAYS, new Date()) }),
});

/** The SDK's types allow groups that are not there yet: only what can be granted again is worth keeping. */
const permissionOf = ({
  UserId,
  Group,
  OrganizationArn,
  OrganizationalUnitArn,
}: LaunchPermission): Permission => ({
  UserId,
  Group,
  OrganizationArn,
  OrganizationalUnitArn,
});
