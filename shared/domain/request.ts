import type { BakeSpec } from './bake/spec.ts';
import type { Failure } from './failures.ts';
import type { ImageNameParts } from './image-name.ts';

/** One request as DynamoDB keeps it: what makes duplicates and replays safe. */
export interface RequestRecord extends Omit<ImageNameParts, 'attempt'> {
  /** Account, source and request id: see `requestKey`. */
  readonly key: string;
  readonly requestId: string;
  readonly state: 'creating' | 'created' | 'available' | 'failed' | 'superseded';
  /** From 1; a replay of a failed request begins the next. */
  readonly attempt: number;
  /** Grows with each write; the condition of the next one. */
  readonly version: number;
  /** Whether this attempt's name carries its number. */
  readonly namedByAttempt: boolean;
  readonly noReboot: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** The event's own time, ISO 8601. */
  readonly requestedAt: string;
  /** The queue's message that is at work on it, and until when others leave it alone (epoch ms). */
  readonly owner: string;
  readonly leaseUntil: number;
  /** Whether this attempt's `AmiCreated`, or its failure before that, has been put on the bus. */
  readonly announced: boolean;
  readonly replayName?: string | undefined;
  readonly imageId?: string | undefined;
  readonly instanceId?: string | undefined;
  /** The only one that may be imaged; without it, the oldest running one of the name. */
  readonly wantedInstanceId?: string | undefined;
  readonly failure?: Failure | undefined;
  /** How it is made, where it is not made of a running instance. */
  readonly bake?: BakeSpec | undefined;
}

export interface Delivery {
  readonly messageId: string;
  readonly instanceName: string;
  /** Whether it asks for a bake. */
  readonly isBake: boolean;
  readonly wantedInstanceId?: string | undefined;
  readonly replayName?: string | undefined;
}

/** What a delivery of a request means, given what is known of that request. */
export type Admission =
  | { readonly act: 'begin' }
  | { readonly act: 'continue' }
  | { readonly act: 'retry' }
  | { readonly act: 'announce' }
  | { readonly act: 'wait' }
  | { readonly act: 'refuse'; readonly failure: Failure }
  | { readonly act: 'ignore'; readonly why: string };

/** Longer than the function may run, so that a live owner is never overtaken. */
export const LEASE_MS = 120_000;

/**
 * Decides on one delivery. A request is begun once; whoever holds its lease works on it, and a crash hands
 * it to the next delivery when the lease is over; a finished one is left alone, unless it failed and this
 * is a replay that has not yet tried it.
 */
export function admit(record: RequestRecord | undefined, delivery: Delivery, now: Date): Admission {
  if (!record) return { act: 'begin' };
  const isSame =
    record.instanceName === delivery.instanceName &&
    record.wantedInstanceId === delivery.wantedInstanceId &&
    Boolean(record.bake) === delivery.isBake;
  if (!isSame) {
    return { act: 'refuse', failure: reused(record, delivery) };
  }
  const unfinished = record.state === 'creating' || !record.announced;
  if (unfinished && record.owner !== delivery.messageId && record.leaseUntil > now.getTime()) {
    return { act: 'wait' };
  }
  if (record.state === 'creating') return { act: 'continue' };
  if (!record.announced) return { act: 'announce' };
  if (record.state === 'failed' && delivery.replayName && delivery.replayName !== record.replayName) {
    return { act: 'retry' };
  }
  return { act: 'ignore', why: `the request is ${record.state} already` };
}

const reused = (record: RequestRecord, delivery: Delivery): Failure => ({
  code: 'request-id-reused',
  message:
    `Request id ${record.requestId} was used for ${named({ ...record, isBake: record.bake !== undefined })} before, ` +
    `so it cannot ask for ${named(delivery)}. Use an id of its own for each request, or none.`,
});

const named = ({ isBake, instanceName, wantedInstanceId }: Omit<Delivery, 'messageId'>) =>
  `${isBake ? 'a bake of ' : ''}the instance name "${instanceName}"${wantedInstanceId ? `, ${wantedInstanceId}` : ''}`;

/** The parts of this attempt's image name. */
export const nameParts = (record: RequestRecord): ImageNameParts => ({
  ...record,
  attempt: record.namedByAttempt ? record.attempt : undefined,
});
