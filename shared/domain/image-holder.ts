import { INSTANCE_NAME_TAG, REQUEST_ID_TAG, type Tags } from './ownership.ts';
import type { RequestRecord } from './request.ts';

export interface Holder {
  readonly imageId: string;
  readonly state: string;
  readonly tags: Tags;
  readonly sourceInstanceId?: string | undefined;
}

/** What the image that holds the wanted name means to a request. */
export type Holding = 'adopt' | 'our-failed' | 'another';

/** `transient` passes by itself, as `pending` does: a second image must not be made beside it. */
export const USABLE = new Set(['pending', 'transient', 'available']);

/**
 * @param requestKey whose request the holder is recorded for; nothing when that was never written down,
 *   which is so for our own image when the answer of CreateImage was lost
 */
export function holdingOf(holder: Holder, record: RequestRecord, requestKey: string | undefined): Holding {
  const ours =
    holder.tags[REQUEST_ID_TAG] === record.requestId &&
    holder.tags[INSTANCE_NAME_TAG] === record.instanceName &&
    (requestKey === undefined || requestKey === record.key);
  if (!ours) return 'another';
  return USABLE.has(holder.state) ? 'adopt' : 'our-failed';
}

/** The record under the next name to try, or nothing when there is none left. */
export function nextName(
  record: RequestRecord,
  holding: Exclude<Holding, 'adopt'>,
  suffix: string,
): RequestRecord | undefined {
  if (holding === 'our-failed')
    return record.namedByAttempt ? undefined : { ...record, namedByAttempt: true };
  return record.clash ? undefined : { ...record, clash: suffix };
}
