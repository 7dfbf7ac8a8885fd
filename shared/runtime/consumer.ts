import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { hide } from '../aws/queue.ts';
import { hideSeconds } from '../domain/backoff.ts';
import { Envelope } from '../events/event.ts';
import { environment, text } from './environment.ts';
import { TryAgainLater } from './errors.ts';
import { log } from './log.ts';

const env = environment({ QUEUE_URL: text });

/** Kept for reporting: the abort signal fires this long before the function's time is over. */
const MS_TO_REPORT = 3_000;

/** A message that is not done, and in how many seconds it is worth another try. */
export interface Again {
  readonly record: SQSRecord;
  readonly seconds: number;
}

export interface Delivery {
  readonly envelope: Envelope;
  readonly record: SQSRecord;
  readonly context: Context;
  /** Fires shortly before the function's time is over. */
  readonly signal: AbortSignal;
}

/** A function that gets its queue's messages in batches; those that are not done are hidden, then delivered again. */
export function batchConsumer(
  act: (records: SQSRecord[], context: Context, signal: AbortSignal) => Promise<Again[]>,
) {
  const run = async (
    event: SQSEvent,
    context: Context,
    { signal }: { signal: AbortSignal },
  ): Promise<SQSBatchResponse> => {
    log.addContext(context);
    const again = await act(event.Records, context, signal);
    await Promise.all(again.map(hidden));
    return { batchItemFailures: again.map(({ record }) => ({ itemIdentifier: record.messageId })) };
  };
  return middy(run, { timeoutEarlyInMillis: MS_TO_REPORT });
}

/** A function that acts on one event at a time. */
export function consumer<Detail>(
  event: { decode(envelope: Envelope): Detail },
  act: (detail: Detail, delivery: Delivery) => Promise<void>,
) {
  return batchConsumer(async (records, context, signal) => {
    const outcomes = records.map(async (record) => {
      const envelope = Envelope.parse(JSON.parse(record.body));
      await act(event.decode(envelope), { envelope, record, context, signal });
    });
    const results = await Promise.allSettled(outcomes);
    return records.flatMap((record, index) => {
      const result = results[index];
      return result?.status === 'rejected' ? [againAfter(record, result.reason)] : [];
    });
  });
}

/** When a message that failed is worth another try: as the error says, or later each time. */
export function againAfter(record: SQSRecord, error: unknown): Again {
  const receives = Number(record.attributes.ApproximateReceiveCount);
  const seconds = error instanceof TryAgainLater ? error.seconds : hideSeconds(receives, Math.random());
  log.warn('A message failed and is tried again', { messageId: record.messageId, receives, seconds, error });
  return { record, seconds };
}

/** A message that cannot be hidden comes back after the queue's own visibility time: later, but not lost. */
const hidden = ({ record, seconds }: Again): Promise<void> =>
  hide(env.QUEUE_URL, record, seconds).catch((error) =>
    log.error('A message was not hidden', { messageId: record.messageId, error }),
  );
