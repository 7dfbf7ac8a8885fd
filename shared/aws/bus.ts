import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { sleep } from '../runtime/sleep.ts';
import { requestHandler } from './clients.ts';

const client = new EventBridgeClient({ requestHandler });

const MOST_ENTRIES = 10;
const ROUNDS = 4;

type Entry = Omit<PutEventsRequestEntry, 'EventBusName'>;

/**
 * Puts entries on the bus, ten a call, and sends again those that failed: PutEvents answers 200 with
 * `FailedEntryCount`. Gives the positions of the entries that are still refused after four rounds.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export async function tryPublish(busName: string, entries: readonly Entry[]): Promise<Map<number, string>> {
  const all = entries.map((entry, position) => ({ position, entry: { ...entry, EventBusName: busName } }));
  let left = all;
  let errors = new Map<number, string>();
  for (let round = 0; left.length > 0 && round < ROUNDS; round += 1) {
    if (round > 0) await sleep(100 * 2 ** round * (0.5 + Math.random() / 2));
    errors = new Map();
    for (let start = 0; start < left.length; start += MOST_ENTRIES) {
      const chunk = left.slice(start, start + MOST_ENTRIES);
      const answers = await put(chunk.map(({ entry }) => entry));
      for (const [index, { position }] of chunk.entries()) {
        const error = answers[index];
        if (error) errors.set(position, error);
      }
    }
    left = left.filter(({ position }) => errors.has(position));
  }
  return errors;
}

/** For each entry the error that EventBridge gave, or nothing. */
async function put(entries: PutEventsRequestEntry[]): Promise<(string | undefined)[]> {
  try {
    const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: entries }));
    return entries.map((_, index) => {
      const answer = Entries[index];
      if (!answer) return 'EventBridge gave no answer for this entry';
      return answer.ErrorCode && `${answer.ErrorCode}: ${answer.ErrorMessage ?? ''}`;
    });
  } catch (error) {
    return entries.map(() => String(error));
  }
}

/** Puts entries on the bus or throws, with every error that is left. */
export async function publish(busName: string, ...entries: Entry[]): Promise<void> {
  const errors = await tryPublish(busName, entries);
  if (errors.size > 0) {
    throw new Error(
      `${errors.size} of ${entries.length} events refused: ${[...new Set(errors.values())].join('; ')}`,
    );
  }
}
