import type { Failure } from './failures.ts';

/** What EC2 says of an image at one moment; no image when it does not know the id. */
export interface ImageFacts {
  readonly state: string;
  readonly stateReason?: string | undefined;
  readonly createdAt: string;
  readonly snapshotIds: readonly string[];
}

export type Verdict =
  | { readonly verdict: 'pending' }
  | { readonly verdict: 'available'; readonly createdAt: string; readonly snapshotIds: readonly string[] }
  | ({ readonly verdict: 'failed' } & Failure);

/** DescribeImages may not know a new image for minutes; after this it is believed. */
const UNKNOWN_GRACE_MS = 10 * 60_000;

/** `transient` and `pending` pass by themselves; every other state but `available`, a new one too, is an end. */
const STILL = new Set(['pending', 'transient']);

export interface Waiting {
  readonly imageId: string;
  readonly startedAt: Date;
  readonly timeoutMinutes: number;
  readonly now: Date;
}

/** What the waiter does next with an image. */
export function verdictOn(image: ImageFacts | undefined, waiting: Waiting): Verdict {
  const waited = waiting.now.getTime() - waiting.startedAt.getTime();
  if (!image && waited > UNKNOWN_GRACE_MS) {
    return failed('image-deregistered', `EC2 does not know ${waiting.imageId} (any more).`);
  }
  if (image?.state === 'available') {
    return { verdict: 'available', createdAt: image.createdAt, snapshotIds: image.snapshotIds };
  }
  if (image && !STILL.has(image.state)) return ended(waiting.imageId, image);
  if (waited >= waiting.timeoutMinutes * 60_000) {
    const how = image ? 'was still pending' : 'was still unknown to EC2';
    return failed('timeout', `${waiting.imageId} ${how} after ${waiting.timeoutMinutes} minutes.`);
  }
  return { verdict: 'pending' };
}

function ended(imageId: string, image: ImageFacts): Verdict {
  const why = image.stateReason ? `: ${image.stateReason}` : '.';
  if (image.state === 'deregistered') {
    return failed('image-deregistered', `${imageId} was deregistered while it was being made${why}`);
  }
  if (image.state === 'disabled') {
    return failed('image-disabled', `${imageId} was disabled while it was being made${why}`);
  }
  return failed('image-failed', `EC2 reports ${imageId} as ${image.state}${why}`);
}

const failed = (code: Failure['code'], message: string): Verdict => ({ verdict: 'failed', code, message });
