import { createHash } from 'node:crypto';
import type { Envelope } from './event.ts';

/** A short, stable name for something: the same after a replay, in every function, for ever. */
export const hashOf = (...parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts, sorted)).digest('hex').slice(0, 32);

/** Two texts of one JSON value hash alike, in whatever order their keys stand. */
const sorted = (_: string, value: unknown): unknown =>
  value && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/**
 * The request id of an event that brings none. Not from the envelope's id: nothing promises that a replay
 * keeps it, while account, source, time and detail are what is archived.
 */
export const derivedRequestId = ({ account, source, time, detail }: Envelope): string =>
  hashOf(account, source, time, detail);

/** The execution that bakes for an attempt of a request: at most 80 characters, and safe as a tag's value. */
export const bakeName = (key: string, attempt: number): string => `${hashOf(key)}-${attempt}`;

/** What makes a request one request: ids are unique to whoever asks, not to the world. */
export const requestKey = ({ account, source }: Envelope, requestId: string): string =>
  keyOf(account, source, requestId);

export const keyOf = (account: string, source: string, requestId: string): string =>
  `request#${account}#${source}#${requestId}`;
