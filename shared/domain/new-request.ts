import type { AmiRequested } from '../events/ami-requested.ts';
import type { Envelope } from '../events/event.ts';
import type { BakeSpec } from './bake/spec.ts';
import type { Failure } from './failures.ts';
import { USABLE } from './image-holder.ts';
import { timestamp } from './image-name.ts';
import { instanceNameOf, REQUEST_ID_TAG, type Tags } from './ownership.ts';
import type { RequestRecord } from './request.ts';
import { RETENTION_DAYS_TAG } from './retention/policy.ts';

/** What the configuration decides where a request is silent. */
export interface RequestDefaults {
  readonly timeZone: string;
  readonly reason: string;
  readonly noReboot: boolean;
}

export interface RebootRules {
  readonly accountId: string;
  /** Whether another account may ask for a reboot. */
  readonly allowReboot: boolean;
}

/** What a request asks for, of whatever kind it is. */
export interface Wanted {
  readonly instanceName: string;
  readonly reason?: string | undefined;
  readonly noReboot?: boolean | undefined;
  readonly tags?: Tags | undefined;
  readonly retentionDays?: number | undefined;
  /** That very instance of the name. */
  readonly instanceId?: string | undefined;
  /** Not of a running instance, but of a builder. */
  readonly bake?: BakeSpec | undefined;
}

export interface Asked {
  readonly envelope: Envelope;
  readonly key: string;
  readonly requestId: string;
  /** Empty when the detail names none. */
  readonly instanceName: string;
  /** What the detail asks for, or why it is no request. */
  readonly detail: Wanted | Failure;
}

/** The first record of a request, at once failed when it can never be made. */
export function newRequest(
  { envelope, key, requestId, instanceName, detail }: Asked,
  defaults: RequestDefaults,
): RequestRecord {
  const wanted = 'code' in detail ? undefined : detail;
  const failure = 'code' in detail ? detail : undefined;
  return {
    key,
    requestId,
    state: failure ? 'failed' : 'creating',
    failure,
    attempt: 1,
    version: 0,
    namedByAttempt: false,
    announced: false,
    instanceName,
    reason: wanted?.reason ?? defaults.reason,
    noReboot: wanted?.noReboot ?? defaults.noReboot,
    tags: {
      ...wanted?.tags,
      ...(wanted?.retentionDays && { [RETENTION_DAYS_TAG]: String(wanted.retentionDays) }),
    },
    requestedAt: envelope.time,
    stamp: timestamp(new Date(envelope.time), defaults.timeZone),
    bake: wanted?.bake,
    wantedInstanceId: wanted?.instanceId,
    owner: '',
    leaseUntil: 0,
  };
}

/** Only this account may interrupt an instance, unless the configuration trusts the other publishers with it. */
export function rebootRefused(
  detail: AmiRequested,
  envelope: Envelope,
  { accountId, allowReboot }: RebootRules,
): Failure | undefined {
  if (detail.noReboot !== false || envelope.account === accountId || allowReboot) return undefined;
  return {
    code: 'reboot-not-allowed',
    message: `Account ${envelope.account} may not ask for an image with a reboot (publishers.allowReboot).`,
  };
}

/** The record of the next attempt, which a replay asked for. */
export const nextAttempt = (record: RequestRecord, replayName: string | undefined): RequestRecord => ({
  ...record,
  state: 'creating',
  attempt: record.attempt + 1,
  replayName,
  namedByAttempt: false,
  announced: false,
  imageId: undefined,
  instanceId: undefined,
  failure: undefined,
  bake: record.bake && { ...record.bake, baseImageId: undefined },
});

interface Younger {
  readonly imageId: string;
  readonly state: string;
  readonly createdAt: string;
  readonly sourceInstanceId?: string | undefined;
  readonly tags: Tags;
}

/**
 * The image that makes another attempt pointless: one of the same name, made for another request after this
 * one was asked for; of the same instance, where one was named. An image that failed supersedes nothing.
 */
export function supersededBy(record: RequestRecord, images: readonly Younger[]): string | undefined {
  return images.find(
    ({ state, createdAt, tags, sourceInstanceId }) =>
      USABLE.has(state) &&
      instanceNameOf(tags) === record.instanceName &&
      (!record.wantedInstanceId || sourceInstanceId === record.wantedInstanceId) &&
      tags[REQUEST_ID_TAG] !== record.requestId &&
      Date.parse(createdAt) > Date.parse(record.requestedAt),
  )?.imageId;
}
