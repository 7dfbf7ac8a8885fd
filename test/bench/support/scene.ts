import { INSTANCE_NAME_TAG } from '../../../shared/domain/ownership.ts';
import { DISABLED_AT_TAG } from '../../../shared/domain/retention/stages.ts';
import { Region } from './region.ts';

export const NOW = new Date('2026-11-21T03:00:00Z');
const DAY_MS = 86_400_000;

interface Scene {
  /** Instance names, numbered from the first. */
  readonly names: number;
  readonly first?: number;
  /** Images of each name that are older than the policy. */
  readonly old: number;
  /** Available images of each name that are newer. */
  readonly newest: number;
  /** What an earlier stage has made of the old ones. */
  readonly state: 'available' | 'disabled';
  /** Instances that run, of the newest images. */
  readonly instances?: number;
}

const id = (kind: string, number: number) => `${kind}-${number.toString(16).padStart(17, '0')}`;
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS);
const tags = (of: Record<string, string>) => Object.entries(of).map(([Key, Value]) => ({ Key, Value }));

/** An account of 1.5 snapshots an image. */
export function scene({ names, first = 0, old, newest, state, instances = 0 }: Scene): Region {
  const region = new Region();
  let number = first * (old + newest);
  for (let name = first; name < first + names; name += 1) {
    for (let index = 0; index < old + newest; index += 1) {
      const isOld = index < old;
      number += 1;
      addImage(region, number, {
        instanceName: `service-${name}`,
        createdAt: daysAgo(isOld ? 20 + ((old - index) % 300) : 1 + old + newest - index),
        disabled: isOld && state === 'disabled',
      });
    }
  }
  const running = [...region.images.values()].filter(
    ({ CreationDate = '' }) => Date.parse(CreationDate) > daysAgo(14).getTime(),
  );
  for (let index = 0; index < instances; index += 1)
    region.instances.push({ InstanceId: id('i', index), ImageId: running[index % running.length]?.ImageId });
  return region;
}

interface Made {
  readonly instanceName: string;
  readonly createdAt: Date;
  readonly disabled: boolean;
}

function addImage(region: Region, number: number, { instanceName, createdAt, disabled }: Made): void {
  const ImageId = id('ami', number);
  const snapshotIds = [id('snap', 2 * number), ...(number % 2 ? [id('snap', 2 * number + 1)] : [])];
  const ours = { [INSTANCE_NAME_TAG]: instanceName, Name: `${instanceName}-${number}`, Reason: 'Deploy' };
  const disabledAt = { [DISABLED_AT_TAG]: daysAgo(10).toISOString() };
  region.images.set(ImageId, {
    ImageId,
    Name: `${instanceName}-${number}`,
    State: disabled ? 'disabled' : 'available',
    CreationDate: createdAt.toISOString(),
    Tags: tags({ ...ours, ...(disabled && disabledAt) }),
    BlockDeviceMappings: snapshotIds.map((SnapshotId) => ({ Ebs: { SnapshotId } })),
  });
  for (const SnapshotId of snapshotIds)
    region.snapshots.set(SnapshotId, {
      SnapshotId,
      State: 'completed',
      StartTime: createdAt,
      Tags: tags(ours),
      FullSnapshotSizeInBytes: 8 * 1024 ** 3,
      Description: `Created by CreateImage(i-0123456789abcdef0) for ${ImageId}`,
    });
}
