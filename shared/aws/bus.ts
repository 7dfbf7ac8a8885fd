import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { sleep } from '../runtime/sleep.ts';
import { requestHandler } from './clients.ts';

/** Four rounds of this fit into the 25 s that an API call has; the rounds are the retries. */
const client = new EventBridgeClient({
  requestHandler: { ...requestHandler, requestTimeout: 4_000 },
  maxAttempts: 1,
});

const MOST_ENTRIES = 10;
/** Of all entries of a call together (256 KB); their other fields are small beside the detail.
 *  Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
const MOST_BYTES = 250 * 1024;
const ROUNDS = 4;

type Entry = Omit<PutEventsRequestEntry, 'EventBusName'>;

interface Positioned {
  readonly position: number;
  readonly entry: PutEventsRequestEntry;
}

/**
 * Puts entries on the bus, at most ten and 256 KB a call, and sends again those that failed: PutEvents
 * answers 200 with `FailedEntryCount`. Gives the positions of the entries that are still refused after four
 * rounds.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export async function tryPublish(busName: string, entries: readonly Entry[]): Promise<Map<number, string>> {
  const all = entries.map((entry, position) => ({ position, entry: { ...entry, EventBusName: busName } }));
  let left = all;
  let errors = new Map<number, string>();
  for (let round = 0; left.length > 0 && round < ROUNDS; round += 1) {
    if (round > 0) await sleep(100 * 2 ** round * (0.5 + Math.random() / 2));
    errors = new Map();
    const answers = await Promise.all(chunksOf(left).map(put));
    for (const { position, error } of answers.flat()) if (error) errors.set(position, error);
    left = left.filter(({ position }) => errors.has(position));
  }
  return errors;
}

/** As many entries a call as EventBridge takes; one that is too large by itself goes alone. */
function chunksOf(entries: readonly Positioned[]): Positioned[][] {
  const chunks: Positioned[][] = [];
  let bytes = 0;
  for (const each of entries) {
    const size = Buffer.byteLength(each.entry.Detail ?? '');
    const last = chunks.at(-1);
    if (last && last.length < MOST_ENTRIES && bytes + size <= MOST_BYTES) {
      last.push(each);
      bytes += size;
    } else {
      chunks.push([each]);
      bytes = size;
    }
  }
  return chunks;
}

/** For each entry the error that EventBridge gave, or nothing. */
async function put(chunk: readonly Positioned[]): Promise<{ position: number; error: string | undefined }[]> {
  try {
    const { Entries = [] } = await client.send(
      new PutEventsCommand({ Entries: chunk.map(({ entry }) => entry) }),
    );
    return chunk.map(({ position }, index) => ({ position, error: errorOf(Entries[index]) }));
  } catch (error) {
    return chunk.map(({ position }) => ({ position, error: String(error) }));
  }
}

const errorOf = (answer: PutEventsResultEntry | undefined): string | undefined =>
  answer
    ? answer.ErrorCode && `${answer.ErrorCode}: ${answer.ErrorMessage ?? ''}`
    : 'EventBridge gave no answer for this entry';

/** Puts entries on the bus or throws, with every error that is left. */
export async function publish(busName: string, ...entries: Entry[]): Promise<void> {
  const errors = await tryPublish(busName, entries);
  if (errors.size > 0) {
    throw new Error(
      `${errors.size} of ${entries.length} events refused: ${[...new Set(errors.values())].join('; ')}`,
    );
  }
}
