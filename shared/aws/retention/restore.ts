import {
  DisableImageDeprecationCommand,
  EnableImageCommand,
  ModifyImageAttributeCommand,
} from '@aws-sdk/client-ec2';
import type { RestoreFailure } from '../../domain/failures.ts';
import { instanceNameOf } from '../../domain/ownership.ts';
import type { Permission, Retired } from '../../domain/retention/retired.ts';
import { DISABLED_AT_TAG, RECYCLE_TAG, RESTORED_AT_TAG } from '../../domain/retention/stages.ts';
import { type Undoing, undoing } from '../../domain/retention/undo.ts';
import type { AmiRestored } from '../../events/ami-restored.ts';
import { sleep } from '../../runtime/sleep.ts';
import { ec2In } from '../ec2.ts';
import { imageById, type OwnedImage } from '../images.ts';
import { isInRecycleBin, restoreImage, restoreSnapshot } from '../recycle-bin.ts';
import { tag, untag } from '../tag-images.ts';

/** Why an image can never be brought back. */
export class CannotRestore extends Error {
  override readonly name = 'CannotRestore';
  readonly code: RestoreFailure;

  constructor(code: RestoreFailure, message: string) {
    super(message);
    this.code = code;
  }
}

/** What an `AmiRestored` tells, but for the request. */
export type Restored = Omit<AmiRestored, 'requestedAt'>;

interface Wanted {
  readonly imageId: string;
  readonly region: string;
  /** All that was done to it, oldest first. */
  readonly entries: readonly Retired[];
  readonly now: Date;
}

/**
 * Puts an image back into service, from whichever stage: out of the Recycle Bin with its snapshots, enabled, shared as
 * it was, no longer deprecated, its tags as they were. Each step can be repeated. Its age counts from now, which is
 * written on it first of all: else the next run would take it again.
 */
export async function restore({ imageId, region, entries, now }: Wanted): Promise<Restored> {
  const found = await imageById(imageId, ec2In(region));
  if (found && !instanceNameOf(found.tags))
    throw new CannotRestore('not-ours', `${imageId} carries no tag of Amity's, or is another service's.`);
  if (!found && !(await isInRecycleBin(imageId, region)))
    throw new CannotRestore('not-found', `${imageId} is neither in ${region} nor in its Recycle Bin.`);
  const undo = undoing(entries);
  await tag([imageId], { [RESTORED_AT_TAG]: now.toISOString() }, ec2In(region));
  const image = found ?? (await outOfTheBin(imageId, undo, region));
  const undone: AmiRestored['undone'] = [
    ...(found ? [] : (['delete'] as const)),
    ...(await enabled(image, undo, region)),
    ...(await undeprecated(image, undo, region)),
  ];
  await untag([imageId], [RECYCLE_TAG, DISABLED_AT_TAG], ec2In(region));
  const { imageName, snapshotIds } = image;
  return { imageId, imageName, instanceName: instanceNameOf(image.tags) ?? '', region, snapshotIds, undone };
}

/** Its snapshots first: an image cannot come back without them. */
async function outOfTheBin(
  imageId: string,
  { snapshots, tags }: Undoing,
  region: string,
): Promise<OwnedImage> {
  for (const [id, itsTags] of snapshots) {
    await restoreSnapshot(id, region);
    await tag([id], itsTags, ec2In(region));
    await untag([id], [RECYCLE_TAG], ec2In(region));
  }
  await restoreImage(imageId, region);
  await tag([imageId], tags, ec2In(region));
  for (let tries = 0; tries < 10; tries += 1) {
    const image = await imageById(imageId, ec2In(region));
    if (image) return image;
    await sleep(1_000);
  }
  throw new Error(`EC2 has taken ${imageId} out of the Recycle Bin, but does not describe it yet`);
}

async function enabled(
  { imageId: ImageId, state }: OwnedImage,
  { permissions }: Undoing,
  region: string,
): Promise<'disable'[]> {
  if (state === 'disabled') await ec2In(region).send(new EnableImageCommand({ ImageId }));
  // EC2 has dropped them; one that is granted already is no error.
  if (permissions.length > 0) {
    const Add: Permission[] = [...permissions];
    await ec2In(region).send(new ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Add } }));
  }
  return state === 'disabled' ? ['disable'] : [];
}

/** A date that somebody else has set stays. */
async function undeprecated(
  { imageId: ImageId, deprecatedAt }: OwnedImage,
  { deprecated }: Undoing,
  region: string,
): Promise<'deprecate'[]> {
  if (deprecatedAt === undefined || !deprecated) return [];
  await ec2In(region).send(new DisableImageDeprecationCommand({ ImageId }));
  return ['deprecate'];
}
