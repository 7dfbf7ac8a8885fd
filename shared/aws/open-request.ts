import * as z from 'zod/mini';
import type { Failure } from '../domain/failures.ts';
import {
  type Asked,
  newRequest,
  nextAttempt,
  type RequestDefaults,
  supersededBy,
  type Wanted,
} from '../domain/new-request.ts';
import { admit, LEASE_MS, type RequestRecord } from '../domain/request.ts';
import type { Envelope } from '../events/event.ts';
import * as field from '../events/fields.ts';
import { check, type Problem, sentenceOf } from '../events/problems.ts';
import { derivedRequestId, requestKey } from '../events/request-key.ts';
import { taggedImages } from './images.ts';
import { type RequestTable, requestOf, saveRequest } from './request-store.ts';

/** What there is to do for one delivery of a request. */
export type Opened =
  | { readonly todo: 'make' | 'announce'; readonly record: RequestRecord }
  /** Another delivery is at work on it; worth looking again soon. */
  | { readonly todo: 'wait' }
  | { readonly todo: 'nothing'; readonly why: string };

/** A kind of request: its schema, and what it asks for, or why it may not. */
export interface RequestKind<Schema extends z.ZodMiniType> {
  readonly schema: Schema;
  readonly wanted: (detail: z.infer<Schema>, envelope: Envelope) => Wanted | Failure;
}

export interface Opening {
  readonly table: RequestTable;
  readonly defaults: RequestDefaults;
  readonly messageId: string;
  readonly now: Date;
}

/** Reads what is known of a request and claims it, if it is for this delivery to work on. */
export async function openRequest<Schema extends z.ZodMiniType>(
  kind: RequestKind<Schema>,
  envelope: Envelope,
  opening: Opening,
): Promise<Opened> {
  return open(askedBy(kind, envelope), opening);
}

async function open(asked: Asked, { table, defaults, messageId, now }: Opening): Promise<Opened> {
  const known = await requestOf(table.tableName, asked.key);
  const fresh = newRequest(asked, defaults);
  const replayName = 'code' in asked.detail ? undefined : asked.envelope['replay-name'];
  const isBake = fresh.bake !== undefined;
  const { instanceName, wantedInstanceId } = fresh;
  const delivery = { messageId, instanceName, wantedInstanceId, isBake, replayName };
  const admission = admit(known, delivery, now);
  const claim = async (record: RequestRecord): Promise<Opened> => {
    const leased = { ...record, owner: messageId, leaseUntil: now.getTime() + LEASE_MS };
    const saved = await saveRequest(table, leased, now);
    if (!saved) return { todo: 'wait' };
    if (saved.state === 'superseded') return { todo: 'nothing', why: 'superseded by a newer image' };
    return { todo: saved.state === 'creating' ? 'make' : 'announce', record: saved };
  };
  switch (admission.act) {
    case 'wait':
      return { todo: 'wait' };
    case 'ignore':
      return { todo: 'nothing', why: admission.why };
    case 'refuse':
      return open(refused(asked, admission.failure), { table, defaults, messageId, now });
    case 'begin':
      return claim(fresh);
    default: {
      if (!known) throw new Error(`Admitted as ${admission.act} without a record: ${asked.key}`);
      return claim(admission.act === 'retry' ? await nextOrSuperseded(known, replayName) : known);
    }
  }
}

async function nextOrSuperseded(
  record: RequestRecord,
  replayName: string | undefined,
): Promise<RequestRecord> {
  const newer = supersededBy(record, await taggedImages(record.instanceName));
  return newer ? { ...record, state: 'superseded', replayName } : nextAttempt(record, replayName);
}

/** What an envelope asks for. */
function askedBy<Schema extends z.ZodMiniType>(kind: RequestKind<Schema>, envelope: Envelope): Asked {
  const id = check(RequestId, envelope.detail).data?.requestId ?? derivedRequestId(envelope);
  const instanceName = check(InstanceName, envelope.detail).data?.instanceName ?? '';
  const asked = { envelope, requestId: id, instanceName, key: requestKey(envelope, id) };
  const { data, problems } = check(kind.schema, envelope.detail);
  if (problems) return refused(asked, invalid(envelope, problems));
  const detail = kind.wanted(data, envelope);
  return 'code' in detail ? refused(asked, detail) : { ...asked, detail };
}

const RequestId = z.object({ requestId: field.requestId });
const InstanceName = z.object({ instanceName: field.instanceName });

const invalid = (envelope: Envelope, problems: readonly Problem[]): Failure => ({
  code: 'invalid-request',
  message: `From ${envelope.source} in account ${envelope.account}: ${sentenceOf(problems)}.`,
});

/** A refused detail is recorded by its content: it must not shadow the request whose id it may carry. */
const refused = (asked: Omit<Asked, 'detail'>, failure: Failure): Asked => ({
  ...asked,
  key: `refused#${derivedRequestId(asked.envelope)}`,
  detail: failure,
});
