import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { defineEvent } from '../../shared/events/event.ts';
import { againAfter, batchConsumer, consumer } from '../../shared/runtime/consumer.ts';
import { TryAgainLater } from '../../shared/runtime/errors.ts';
import { envelope, lambdaContext, sqsEvent, sqsRecord } from '../support/events.ts';
import { FakeQueue } from '../support/fake-queue.ts';
import { deliver } from '../support/world.ts';

const Told = defineEvent({
  detailType: 'Told',
  summary: 'For these tests.',
  schema: z.object({ what: z.string() }),
});
const told = (what: unknown, messageId = String(what)) =>
  sqsRecord(envelope({ detail: { what } }), { messageId });

let queue: FakeQueue;
beforeEach(() => {
  queue = new FakeQueue();
});

describe('consumer', () => {
  it('hands over detail, envelope and record', async () => {
    const act = vi.fn(async () => undefined);
    expect(await deliver(consumer(Told, act), [told('a')])).toEqual([]);
    expect(act).toHaveBeenCalledWith(
      { what: 'a' },
      expect.objectContaining({
        envelope: expect.objectContaining({ source: 'release-train' }),
        record: expect.objectContaining({ messageId: 'a' }),
        signal: expect.any(AbortSignal),
      }),
    );
  });

  it('gives back only what failed, hidden as long as the error says', async () => {
    const handler = consumer(Told, async ({ what }) => {
      if (what === 'later') throw new TryAgainLater('busy', 77);
      if (what === 'broken') throw new Error('broken');
    });
    expect(await deliver(handler, [told('a'), told('later'), told('broken'), told(5, 'wrong')])).toEqual([
      'later',
      'broken',
      'wrong',
    ]);
    expect(queue.hidden).toEqual([
      { handle: 'handle-of-later', seconds: 77 },
      { handle: 'handle-of-broken', seconds: 15 },
      { handle: 'handle-of-wrong', seconds: 15 },
    ]);
  });

  it('hides a message longer each time', () => {
    const seconds = [1, 3, 100].map(
      (receives) => againAfter(sqsRecord('', { receives }), new Error('x')).seconds,
    );
    expect(seconds[0]).toBe(15);
    expect(seconds[1]).toBeGreaterThanOrEqual(45);
    expect(seconds[2]).toBeGreaterThanOrEqual(675);
  });
});

describe('batchConsumer', () => {
  it('fires its signal before the time is over, and then fails as a whole', async () => {
    let aborted = false;
    const handler = batchConsumer(
      (_records, _context, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            resolve([]);
          });
        }),
    );
    const answered = handler(sqsEvent([envelope()]), lambdaContext({ remainingMs: 3_020 }));
    await expect(answered).rejects.toThrow('aborted');
    expect(aborted).toBe(true);
  });
});
