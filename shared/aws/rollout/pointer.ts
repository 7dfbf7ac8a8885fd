import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { instanceNameOf, REQUEST_ID_TAG } from '../../domain/ownership.ts';
import { REJECTED_TAG } from '../../domain/retention/guards.ts';
import { pointerEntry } from '../../domain/rollout/entry.ts';
import type { RolloutFailure } from '../../domain/rollout/failures.ts';
import { later, newestBefore, nextOf, type Place } from '../../domain/rollout/newest.ts';
import { pointerOf } from '../../domain/rollout/pointer.ts';
import { log } from '../../runtime/log.ts';
import { sleep } from '../../runtime/sleep.ts';
import { requestHandler } from '../clients.ts';
import { imageById, type OwnedImage } from '../images.ts';
import type { Rollouts } from './carry-out.ts';
import { type Lease, underLease } from './ledger.ts';
import { reject } from './roll-back.ts';
import { plan, refuse } from './tell.ts';

const client = new SSMClient({ requestHandler, maxAttempts: 5 });

export type Pointing = Pick<Rollouts, 'tableName' | 'busName' | 'dryRun'>;

interface Pointer {
  readonly lease: Lease;
  readonly name: string;
  readonly instanceName: string;
  /** The image that it holds, and since when. */
  readonly value: string | undefined;
  readonly since: Date | undefined;
}

/** Moves the parameter of a name forward to the newest image that Amity made of it. */
export const point = (
  instanceName: string,
  images: readonly OwnedImage[],
  pointing: Pointing,
): Promise<void> =>
  withPointer(instanceName, pointing, async (pointer) => {
    const { lease, name } = pointer;
    const standing = { present: await presentOf(pointer), floor: lease.entry.floor };
    const step = nextOf({ instanceName, includesBackups: false }, ours(images, instanceName), standing);
    if (step.act === 'keep') log.info('A pointer stays as it is', { name, why: step.why });
    else await set(pointer, step.image, step.image.tags[REQUEST_ID_TAG], pointing);
  });

export interface PointBack {
  readonly instanceName: string;
  readonly requestId: string;
  /** When it was asked for. */
  readonly at: Date;
  readonly images: readonly OwnedImage[];
  /** What launch templates went back to; nothing, where none follows the name. */
  readonly target: Place | undefined;
}

/**
 * Moves the parameter of a name back, off an image that is rejected. Where no launch template follows the name, it is the
 * parameter that says which one that is. Gives whether there is anything to move.
 */
export async function pointBack(back: PointBack, pointing: Pointing): Promise<boolean> {
  const { instanceName, requestId } = back;
  let isThere = false;
  await withPointer(instanceName, pointing, async (pointer) => {
    const { value, lease, name } = pointer;
    if (!value) return;
    isThere = true;
    const place = { imageId: value, createdAt: '', ...(await presentOf(pointer)) };
    const before = await imageBefore(pointer, place, { ...back, images: ours(back.images, instanceName) });
    if (!before) return;
    if ('code' in before) {
      const known = { parameterName: name, instanceName, previousImageId: value, requestId };
      return refuse(lease, known, before, pointing.busName);
    }
    if (!pointing.dryRun) {
      await reject(value, requestId);
      await lease.save({ floor: later(place, lease.entry.floor) });
    }
    await set(pointer, before, requestId, pointing);
  });
  return isThere;
}

/** The image to go back to, or why to none; nothing, where the parameter holds none that was rolled back. */
async function imageBefore(
  { since, name, instanceName }: Pointer,
  place: Place,
  { images, target, at, requestId }: PointBack,
): Promise<Place | RolloutFailure | undefined> {
  const isRejected = (await imageById(place.imageId))?.tags[REJECTED_TAG] !== undefined;
  const isBegun = images.some(({ tags }) => tags[REJECTED_TAG] === requestId);
  if (!isRejected && (target || isBegun)) return undefined;
  if (!isRejected && since && since.getTime() > at.getTime()) {
    const message = `${name} was written after the rollback was asked for. Ask again, if it is meant.`;
    return { code: 'superseded', message };
  }
  // What launch templates went back to, if it is ours; else the newest of ours before; else that all the same.
  const before =
    images.find(({ imageId }) => imageId === target?.imageId) ??
    newestBefore({ instanceName, includesBackups: false }, images, place) ??
    target;
  if (before) return before;
  const message = `There is no available image of "${instanceName}" that is older than ${place.imageId}.`;
  return { code: 'image-unusable', message };
}

const ours = (images: readonly OwnedImage[], instanceName: string) =>
  images.filter(({ tags }) => instanceNameOf(tags) === instanceName);

async function presentOf({ value, lease }: Pointer): Promise<Partial<Place>> {
  if (!value) return {};
  const known = lease.entry.present?.imageId === value ? lease.entry.present.createdAt : undefined;
  const createdAt = (await imageById(value))?.createdAt ?? known;
  return { imageId: value, ...(createdAt && { createdAt }) };
}

/** Two names can have one parameter: it is the first one's. */
async function withPointer(
  instanceName: string,
  { tableName, busName }: Pointing,
  act: (pointer: Pointer) => Promise<void>,
): Promise<void> {
  const name = pointerOf(instanceName);
  await underLease(tableName, pointerEntry(name), async (lease) => {
    const owner = lease.entry.instanceName ?? instanceName;
    if (owner !== instanceName) {
      const message = `${name} is the pointer of "${owner}"; "${instanceName}" has none, since it would have the same name.`;
      return refuse(
        lease,
        { parameterName: name, instanceName },
        { code: 'pointer-clash', message },
        busName,
      );
    }
    return act({ lease, name, instanceName, ...(await read(name)) });
  });
}

async function read(Name: string): Promise<Pick<Pointer, 'value' | 'since'>> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name }));
    return { value: Parameter?.Value, since: Parameter?.LastModifiedDate };
  } catch (error) {
    if (error instanceof ParameterNotFound) return { value: undefined, since: undefined };
    throw error;
  }
}

/** Milliseconds: AWS validates the image within seconds, after it has answered. */
const PAUSE_MS = 500;
const TRIES = 40;

/**
 * Writes a parameter of the data type `aws:ec2:image`, and reads it back: AWS answers first and validates then; a value
 * that it refuses is never taken.
 * Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-ec2-aliases.html
 */
async function set(
  { lease, name, instanceName, value }: Pointer,
  { imageId, createdAt }: Place,
  requestId: string | undefined,
  { busName, dryRun }: Pointing,
): Promise<void> {
  const known = {
    parameterName: name,
    instanceName,
    imageId,
    ...(value && { previousImageId: value }),
    ...(requestId && { requestId }),
  };
  if (dryRun) {
    const message = `${name} would hold ${imageId}.`;
    return plan(lease, known, { code: 'move-pointer', message }, busName);
  }
  // Whose it is stands there before it is written.
  await lease.save({ instanceName });
  await client.send(
    new PutParameterCommand({
      Name: name,
      Value: imageId,
      Type: 'String',
      DataType: 'aws:ec2:image',
      Description: `The newest available image of ${instanceName}, kept by Amity`,
      Overwrite: true,
    }),
  );
  for (let tries = 0; (await read(name)).value !== imageId; tries += 1) {
    if (tries === TRIES) {
      const message = `${name} does not hold ${imageId}, ${(TRIES * PAUSE_MS) / 1000} s after it was written.`;
      return refuse(lease, known, { code: 'pointer-refused', message }, busName);
    }
    await sleep(PAUSE_MS);
  }
  await lease.save({ present: { imageId, createdAt } });
}
