import { inspect } from 'node:util';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-available/notify.ts';
import { log } from '../../../shared/runtime/log.ts';
import { Calls, once } from '../../support/calls.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { example, NOW, sqsRecord } from '../../support/events.ts';
import { FakeEc2, image } from '../../support/fake-ec2.ts';
import { FakeQueue } from '../../support/fake-queue.ts';
import { FakeTable } from '../../support/fake-table.ts';
import { type Answer, ok, startReceiver, status } from '../../support/receiver.ts';
import { deliver } from '../../support/world.ts';

const ssm = mockClient(SSMClient);
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let ec2: FakeEc2;
let calls: Calls;
let queue: FakeQueue;
let logged: string;
let clock = NOW.getTime();

stopClock();
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());
beforeEach(() => {
  // Later than in the test before: the URL is kept in memory for five minutes.
  clock += 10 * MINUTE;
  vi.setSystemTime(clock);
  calls = new Calls();
  queue = new FakeQueue(calls);
  new FakeTable(calls);
  ec2 = new FakeEc2(calls);
  ec2.images.push(announced());
  receiver.received.length = 0;
  receiver.answer = ok;
  ssm.reset();
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: receiver.url } });
  logged = '';
  for (const level of ['info', 'warn', 'error'] as const) {
    vi.spyOn(log, level).mockImplementation((...of) => {
      logged += inspect(of, { depth: 10, showHidden: true });
    });
  }
});

const announced = (more: Parameters<typeof image>[0] = {}) =>
  image({
    id: 'ami-0123456789abcdef0',
    name: 'service-api-Deploy-2025-06-05_12_00',
    tags: { 'amity:instance-name': 'service-api' },
    ...more,
  });
const message = () => sqsRecord(example('ami-available'), { messageId: 'one' });
const urlOf = (url: string) => ssm.on(GetParameterCommand).resolves({ Parameter: { Value: url } });

describe('the card', () => {
  it('is sent to the letter, with JANDI’s headers', async () => {
    expect(await deliver(handler, [message()])).toEqual([]);
    expect(receiver.received).toHaveLength(1);
    const [{ method, headers, body } = { method: '', headers: {}, body: '' }] = receiver.received;
    expect(method).toBe('POST');
    expect(headers).toMatchObject({
      accept: 'application/vnd.tosslab.jandi-v2+json',
      'content-type': 'application/json',
    });
    expect(body).toBe(
      '{"body":"AMI Is Available.","connectColor":"#28a745","connectInfo":[{"title":"Complete AMI Create. AMI State Available.","description":"AMI ID: ami-0123456789abcdef0, Name: service-api-Deploy-2025-06-05_12_00"}]}',
    );
  });

  it('goes where the SecureString says, read decrypted at run time and kept a few minutes', async () => {
    await deliver(handler, [message()]);
    const detail = { ...(example('ami-available').detail as object), imageId: 'ami-00000000000000002' };
    ec2.images.push(announced({ id: detail.imageId }));
    await deliver(handler, [example('ami-available', { detail })]);
    const reads = ssm.commandCalls(GetParameterCommand).map(({ args }) => args[0].input);
    expect(reads).toEqual([{ Name: '/amity/webhook-url', WithDecryption: true }]);
    expect(receiver.received).toHaveLength(2);
  });
});

describe('once', () => {
  it('sent, never again: not by a duplicate, a replay or another message', async () => {
    await deliver(handler, [message()]);
    passes(60 * MINUTE);
    const replay = example('ami-available', {
      'replay-name': 'replay',
      id: 'another',
      time: '2025-06-06T00:00:00Z',
    });
    expect(await deliver(handler, [message(), replay])).toEqual([]);
    expect(receiver.received).toHaveLength(1);
  });

  it('delivered three times at once: one card, the others look again later', async () => {
    const again = await deliver(
      handler,
      [1, 2, 3].map(() => sqsRecord(example('ami-available'))),
    );
    expect(receiver.received).toHaveLength(1);
    expect(again.length).toBeLessThanOrEqual(2);
  });

  it('a function that died before it sent does not lock the card away', async () => {
    calls.faults = once({ when: 'after', how: 'dies' }, { name: 'PutItem' });
    void deliver(handler, [message()]);
    await calls.died;
    expect(await deliver(handler, [message()])).toEqual(['one']);
    passes(3 * MINUTE);
    expect(await deliver(handler, [message()])).toEqual([]);
    expect(receiver.received).toHaveLength(1);
  });

  it('an answer that breaks off after its good status still counts', async () => {
    receiver.answer = (response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half of', () => response.destroy());
    };
    expect(await deliver(handler, [message()])).toEqual([]);
    expect(await deliver(handler, [message()])).toEqual([]);
    expect(receiver.received).toHaveLength(1);
  });
});

describe('a receiver that is not well', () => {
  const broken: [string, Answer][] = [
    ['500', status(500)],
    ['503', status(503)],
    ['404', status(404)],
    ['a redirect', status(302, { location: 'http://127.0.0.1:1/elsewhere' })],
    ['a permanent redirect', status(308, { location: 'http://127.0.0.1:1/elsewhere' })],
    ['429 without a time', status(429)],
    ['a Retry-After that is no time', status(429, { 'retry-after': 'soon' })],
    ['a broken connection', (response) => response.destroy()],
  ];

  it.each(broken)('%s: again later, and sent then', async (_, answer) => {
    receiver.answer = answer;
    expect(await deliver(handler, [message()])).toEqual(['one']);
    expect(queue.hidden).toEqual([{ handle: 'handle-of-one', seconds: 15 }]);
    expect(receiver.received).toHaveLength(1);
    receiver.answer = ok;
    expect(await deliver(handler, [message()])).toEqual([]);
    expect(receiver.received).toHaveLength(2);
    expect(logged).not.toContain('s3cret');
  });

  it.each([
    ['30', 30],
    ['0', 1],
    ['999999', 3600],
    ['in two minutes', 120],
    ['in the past', 1],
  ])('Retry-After %s: hidden for %i s', async (after, seconds) => {
    const moment = after === 'in two minutes' ? 2 * MINUTE : -MINUTE;
    const value = /^\d/.test(after) ? after : new Date(Date.now() + moment).toUTCString();
    receiver.answer = status(429, { 'retry-after': value });
    expect(await deliver(handler, [message()])).toEqual(['one']);
    expect(queue.hidden).toMatchObject([{ seconds: expect.closeTo(seconds, -1) }]);
  });

  it('silence: given up after ten seconds, again later', async () => {
    const soon = AbortSignal.timeout.bind(AbortSignal);
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => soon(30));
    receiver.answer = () => undefined;
    expect(await deliver(handler, [message()])).toEqual(['one']);
    expect(timeout).toHaveBeenCalledWith(10_000);
    timeout.mockRestore();
  });

  it('nobody there: again later, and the log does not say where', async () => {
    urlOf('http://127.0.0.1:1/s3cret-token');
    expect(await deliver(handler, [message()])).toEqual(['one']);
    expect(logged).toMatch(/could not be reached/);
    expect(logged).not.toMatch(/s3cret|127\.0\.0\.1/);
  });

  it('one of several: the others are told', async () => {
    let count = 0;
    receiver.answer = (response) => (count++ === 0 ? status(500)(response) : ok(response));
    const messages = ['1', '2', '3'].map((id) => {
      const detail = { ...(example('ami-available').detail as object), imageId: `ami-0000000000000000${id}` };
      ec2.images.push(announced({ id: detail.imageId }));
      return sqsRecord(example('ami-available', { detail }), { messageId: id });
    });
    expect(await deliver(handler, messages)).toHaveLength(1);
    expect(receiver.received).toHaveLength(3);
  });
});

describe('a URL that is none', () => {
  it.each([
    'http://example.com/s3cret',
    'ftp://127.0.0.1/s3cret',
    's3cret',
    'http://127.0.0.1.example.com/s3cret',
  ])('%s is refused, and not told', async (url) => {
    urlOf(url);
    expect(await deliver(handler, [message()])).toEqual(['one']);
    expect(logged).toMatch(/must be an https URL/);
    expect(logged).not.toContain('s3cret');
  });

  it.each([
    ['is empty', () => ssm.on(GetParameterCommand).resolves({ Parameter: { Value: '' } })],
    ['cannot be read', () => ssm.on(GetParameterCommand).rejects(new Error('AccessDenied'))],
  ])('the parameter %s: again later', async (_, arrange) => {
    arrange();
    expect(await deliver(handler, [message()])).toEqual(['one']);
  });
});

describe('nobody is told of an image', () => {
  it.each([
    ['that is gone', []],
    ['that is disabled by now', [announced({ state: 'disabled' })]],
    ['that is not ours', [announced({ tags: {} })]],
    ["of another instance's name", [announced({ tags: { 'amity:instance-name': 'other' } })]],
    ['under a name that it does not have', [announced({ name: 'another' })]],
  ])('%s, whatever an event says', async (_, images) => {
    ec2.images.splice(0, 1, ...images);
    expect(await deliver(handler, [message()])).toEqual([]);
    expect(receiver.received).toEqual([]);
  });

  it('before EC2 could be asked: the message waits', async () => {
    calls.faults = once({ when: 'before', how: 'throws' }, { name: 'DescribeImages' });
    expect(await deliver(handler, [message()])).toEqual(['one']);
    expect(receiver.received).toEqual([]);
  });
});
