import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Envelope } from '../../shared/events/event.ts';

/** The moment that tests stand still at, just after the recorded request's own time. */
export const NOW = new Date('2025-06-05T12:00:31.000Z');

/** A recorded event of `examples/events`, with whatever a test wants to be different. */
export function example(name: string, overrides: Partial<Envelope> = {}): Envelope {
  const url = new URL(`../../examples/events/${name}.json`, import.meta.url);
  return { ...(JSON.parse(readFileSync(url, 'utf8')) as Envelope), ...overrides };
}

/** A minimal `AmiRequested` of another system. */
export const envelope = (overrides: Partial<Envelope> = {}): Envelope =>
  example('ami-requested.minimal', overrides);

/** An `AmiRequested` with the detail's fields given one by one. */
export const request = (detail: Record<string, unknown> = {}, overrides: Partial<Envelope> = {}): Envelope =>
  envelope({ detail: { instanceName: 'service-api', ...detail }, ...overrides });

export interface RecordFacts {
  readonly messageId?: string;
  readonly receives?: number;
  readonly sentAt?: Date;
}

export function sqsRecord(body: unknown, facts: RecordFacts = {}): SQSRecord {
  const { messageId = randomUUID(), receives = 1, sentAt = NOW } = facts;
  return {
    messageId,
    receiptHandle: `handle-of-${messageId}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(sentAt.getTime()),
      SenderId: 'events',
      ApproximateFirstReceiveTimestamp: String(sentAt.getTime()),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:queue',
    awsRegion: 'us-east-1',
  };
}

/** What Lambda hands over for these messages: envelopes, or records where a test needs their attributes. */
export const sqsEvent = (messages: readonly (Envelope | SQSRecord)[]): SQSEvent => ({
  Records: messages.map((each) => ('receiptHandle' in each ? each : sqsRecord(each))),
});

/** The time left follows the (fake) clock, as it does in Lambda. */
export function lambdaContext({ remainingMs = 90_000 } = {}): Context {
  const end = Date.now() + remainingMs;
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'test',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:test',
    memoryLimitInMB: '256',
    awsRequestId: randomUUID(),
    logGroupName: '/aws/lambda/test',
    logStreamName: 'test',
    getRemainingTimeInMillis: () => end - Date.now(),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
