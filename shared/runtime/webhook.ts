import { TryAgainLater } from './errors.ts';

const TIMEOUT_MS = 10_000;
const LONGEST_WAIT_SECONDS = 3_600;

/**
 * POSTs a card, once. The URL is a secret and never part of an error. No redirect is followed: the
 * configuration says who gets the card, not the receiver.
 * @throws TryAgainLater when the receiver names a time (Retry-After, in seconds or as a date)
 */
export async function post(url: string, headers: Record<string, string>, card: object, signal: AbortSignal) {
  const response = await answer(receiver(url), {
    method: 'POST',
    headers,
    body: JSON.stringify(card),
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  // What it says is of no use to us, may be endless, and may break off: the status counts.
  await response.body?.cancel().catch(() => undefined);
  if (response.ok) return;
  const message = `The webhook's receiver answered ${response.status}`;
  const seconds = retryAfter(response.headers.get('retry-after'), Date.now());
  throw seconds === undefined ? new Error(message) : new TryAgainLater(message, seconds);
}

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** https only; plain http reaches this machine alone, where the embedded AWS has its receiver. */
function receiver(url: string): URL {
  const parsed = URL.parse(url);
  const fit =
    parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && LOOPBACK.has(parsed.hostname));
  if (!parsed || !fit) throw new Error('The webhook URL in the SSM parameter must be an https URL');
  return parsed;
}

async function answer(url: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    // The cause may hold the address: its code is enough to know what is wrong.
    throw new Error(`The webhook's receiver could not be reached: ${codeOf(error)}`);
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
}

function retryAfter(header: string | null, now: number): number | undefined {
  if (!header) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds)
    ? Math.min(Math.max(Math.ceil(seconds), 1), LONGEST_WAIT_SECONDS)
    : undefined;
}
