import { afterEach, describe, expect, it, vi } from 'vitest';
import { post } from '../../shared/runtime/webhook.ts';

const { signal } = new AbortController();
const fetched = vi.spyOn(globalThis, 'fetch');
afterEach(() => fetched.mockReset());
const send = (url = 'https://example.com/s3cret', abort = signal) =>
  post(url, { A: 'b' }, { body: 'x' }, abort);

const broken = () =>
  new ReadableStream({
    start(controller) {
      controller.error(new Error('terminated'));
    },
  });

it('follows no redirect and sends what it is given', async () => {
  fetched.mockResolvedValue(new Response());
  await send();
  const [url, init] = fetched.mock.calls[0] ?? [];
  expect(String(url)).toBe('https://example.com/s3cret');
  expect(init).toMatchObject({
    method: 'POST',
    redirect: 'manual',
    headers: { A: 'b' },
    body: '{"body":"x"}',
  });
});

it('does not read what the receiver says', async () => {
  const cancel = vi.fn();
  fetched.mockResolvedValue(new Response(new ReadableStream({ cancel })));
  await send();
  expect(cancel).toHaveBeenCalled();
});

it('a good status counts, whatever becomes of the rest: an error here would send the card twice', async () => {
  fetched.mockResolvedValue(new Response(broken()));
  await expect(send()).resolves.toBeUndefined();
});

it('a bad status counts as well', async () => {
  fetched.mockResolvedValue(new Response(broken(), { status: 500 }));
  await expect(send()).rejects.toThrow('answered 500');
});

describe('an error never holds the URL', () => {
  it.each([
    [
      'a cause with a code',
      new TypeError('fetch failed', {
        cause: Object.assign(new Error('https://x/s3cret'), { code: 'CERT_HAS_EXPIRED' }),
      }),
      'CERT_HAS_EXPIRED',
    ],
    [
      'a cause without',
      new TypeError('https://x/s3cret', { cause: new Error('https://x/s3cret') }),
      'TypeError',
    ],
    ['no error at all', 'https://x/s3cret', 'unknown'],
  ])('%s', async (_, thrown, code) => {
    fetched.mockRejectedValue(thrown);
    const error = await send().catch((caught: Error) => caught);
    expect(error).toMatchObject({ message: `The webhook's receiver could not be reached: ${code}` });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('s3cret');
  });
});

it('ends when the function’s time does', async () => {
  const controller = new AbortController();
  fetched.mockImplementation(
    (_, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
      ),
  );
  const sent = send('https://example.com', controller.signal);
  controller.abort();
  await expect(sent).rejects.toThrow('AbortError');
});
