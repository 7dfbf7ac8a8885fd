import { BASE_IMAGE_TAG } from '../domain/bake/builder.ts';
import { type Candidate, inGroup, instanceStoreBacked } from '../domain/choose-instance.ts';
import { kindOf } from '../domain/ec2-error.ts';
import type { Failure } from '../domain/failures.ts';
import { holdingOf, nextName } from '../domain/image-holder.ts';
import { imageName } from '../domain/image-name.ts';
import { nameParts, type RequestRecord } from '../domain/request.ts';
import { hashOf } from '../events/request-key.ts';
import { sleep } from '../runtime/sleep.ts';
import { ec2ErrorFacts } from './ec2.ts';
import { createImage, imageByName, type OwnedImage } from './images.ts';
import { type RequestTable, requestKeyOfImage, saveRequest } from './request-store.ts';

/** How far a request came: settled (created or failed, not yet written down), or to be tried again. */
export type Made =
  | { readonly settled: RequestRecord }
  /** EC2 may say yes later; `later` is its last word. */
  | { readonly later: string; readonly record: RequestRecord };

interface Attempt {
  record: RequestRecord;
  readonly candidates: Candidate[];
  /** What is told when none of them is left. */
  readonly none: Failure;
}

/** How long this may go on. */
export interface Budget {
  /** Whether there is time for another try, and for what follows it. */
  readonly hasTime: () => boolean;
  readonly signal: AbortSignal;
}

/**
 * Makes the image of a request: the next instance where one is gone, the next name where one is taken, a
 * short wait where EC2 is busy. The image's name is what makes repeating safe: a CreateImage whose answer
 * was lost is refused as a duplicate, and the holder of the name, being our request's, is adopted.
 */
export async function makeImage(
  table: RequestTable,
  { candidates, ...rest }: Attempt,
  { hasTime, signal }: Budget,
): Promise<Made> {
  const attempt: Attempt = { ...rest, candidates: [...candidates] };
  for (;;) {
    if (!hasTime()) return { later: 'The time of this function is over', record: attempt.record };
    const instance = attempt.candidates[0];
    if (!instance) return ended(table, attempt.record, attempt.none);
    if (instance.rootDeviceType === 'instance-store') {
      return ended(table, attempt.record, instanceStoreBacked(instance));
    }
    const refused = inGroup(attempt.record, instance);
    if (refused) return ended(table, attempt.record, refused);
    const { instanceId } = instance;
    try {
      const name = imageName(nameParts(attempt.record));
      const imageId = await createImage({ ...attempt.record, imageName: name, instanceId }, signal);
      return { settled: created(attempt.record, imageId, instanceId) };
    } catch (error) {
      const end = await afterError(table, attempt, error, hasTime);
      if (end) return end;
    }
  }
}

/** Changes the attempt so that the next call may pass, or says how the request ends. */
async function afterError(
  table: RequestTable,
  attempt: Attempt,
  error: unknown,
  hasTime: () => boolean,
): Promise<Made | undefined> {
  const { record } = attempt;
  const facts = ec2ErrorFacts(error);
  const why = `${facts.name}: ${facts.message}`;
  switch (kindOf(facts)) {
    case 'duplicate-name': {
      const end = await afterDuplicate(table, attempt);
      if (end !== 'not-visible-yet') return end;
      break;
    }
    case 'instance-gone':
      attempt.candidates.shift();
      return undefined;
    case 'bug':
      throw error;
    case 'later':
      return { later: why, record };
    case 'denied':
      return ended(table, record, { code: 'access-denied', message: why });
    case 'rejected':
      return ended(table, record, { code: 'ec2-rejected', message: why });
  }
  if (!hasTime()) return { later: why, record };
  await sleep(150 + 200 * Math.random());
  return undefined;
}

/** The name is held: by our own image (adopt it), by our failed one, or by another's (take the next name). */
async function afterDuplicate(
  table: RequestTable,
  attempt: Attempt,
): Promise<Made | 'not-visible-yet' | undefined> {
  const { record } = attempt;
  const name = imageName(nameParts(record));
  const holder = await imageByName(name);
  if (!holder) return 'not-visible-yet';
  const holding = holdingOf(holder, record, await requestKeyOfImage(table.tableName, holder.imageId));
  if (holding === 'adopt') return { settled: adopted(record, holder) };
  const next = nextName(record, holding, hashOf(record.key).slice(0, 6));
  if (!next) {
    const message = `"${name}" is the name of ${holder.imageId}, which is not this attempt's.`;
    return { settled: { ...record, state: 'failed', failure: { code: 'name-taken', message } } };
  }
  // Written down before it is used: a lost answer must find its image under this name.
  const saved = await saveRequest(table, next, new Date());
  if (!saved) return { later: 'another delivery of this request is at work', record };
  attempt.record = saved;
  return undefined;
}

/** Ends a request as failed, unless an earlier call was carried out without our knowing: that image counts. */
export async function giveUp(
  table: RequestTable,
  record: RequestRecord,
  failure: Failure,
): Promise<RequestRecord> {
  const holder = await imageByName(imageName(nameParts(record)));
  const requestKey = holder && (await requestKeyOfImage(table.tableName, holder.imageId));
  return holder && holdingOf(holder, record, requestKey) === 'adopt'
    ? adopted(record, holder)
    : { ...record, state: 'failed', failure };
}

const created = (record: RequestRecord, imageId: string, instanceId: string): RequestRecord => ({
  ...record,
  state: 'created',
  imageId,
  instanceId,
});

const ended = async (table: RequestTable, record: RequestRecord, failure: Failure): Promise<Made> => ({
  settled: await giveUp(table, record, failure),
});

/** The image says itself of which instance it was made, and what that was baked from: not what we would take now. */
const adopted = (record: RequestRecord, holder: OwnedImage): RequestRecord => ({
  ...created(record, holder.imageId, holder.sourceInstanceId ?? 'unknown'),
  bake: record.bake && {
    ...record.bake,
    baseImageId: holder.tags[BASE_IMAGE_TAG] ?? record.bake.baseImageId,
  },
});
