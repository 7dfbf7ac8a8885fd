import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import type { JandiCard } from '../../shared/domain/card.ts';
import { defineEvent, type Envelope } from '../../shared/events/event.ts';
import { notifierOf, shown } from '../../shared/runtime/notifier.ts';
import { envelope, sqsRecord } from '../support/events.ts';
import { FakeQueue } from '../support/fake-queue.ts';
import { receiving } from '../support/receiving.ts';
import { deliver } from '../support/world.ts';

const schema = z.object({ what: z.string() });
const Begun = defineEvent({ detailType: 'Begun', summary: 'For these tests.', schema });
const Ended = defineEvent({ detailType: 'Ended', summary: 'For these tests.', schema });

const card =
  (title: string) =>
  ({ what }: z.infer<typeof schema>): JandiCard => ({
    body: what,
    connectColor: '#007bff',
    connectInfo: [{ title, description: what }],
  });
const handler = notifierOf('Work', [shown(Begun, card('It begins.')), shown(Ended, card('It is over.'))]);

const receiver = receiving();
beforeEach(() => {
  new FakeQueue();
});

const event = (detailType: string, detail: unknown, overrides: Partial<Envelope> = {}) =>
  envelope({ source: 'amity', 'detail-type': detailType, detail, ...overrides });
const told = () =>
  receiver.cards().map((one) => {
    const { body, connectInfo } = one as JandiCard;
    return `${connectInfo[0]?.title} ${body}`;
  });

describe('notifierOf', () => {
  it('tells each event with its own card', async () => {
    const events = [event('Begun', { what: 'a' }), event('Ended', { what: 'a' })];
    expect(await deliver(handler, events)).toEqual([]);
    expect(told().toSorted()).toEqual(['It begins. a', 'It is over. a']);
  });

  it('tells an event once, however often it is put, delivered or replayed, and whenever', async () => {
    await deliver(handler, [event('Begun', { what: 'a' })]);
    await deliver(handler, [
      event('Begun', { what: 'a' }),
      event('Begun', { what: 'a' }, { id: 'another', time: '2025-06-05T13:00:00Z' }),
      event('Begun', { what: 'a' }, { 'replay-name': 'replay' }),
    ]);
    expect(told()).toEqual(['It begins. a']);
  });

  it('tells what differs in its detail, or in its kind alone', async () => {
    const some = [
      event('Begun', { what: 'a' }),
      event('Begun', { what: 'b' }),
      event('Ended', { what: 'a' }),
    ];
    await deliver(handler, some);
    await deliver(handler, some.toReversed());
    expect(told().toSorted()).toEqual(['It begins. a', 'It begins. b', 'It is over. a']);
  });

  it.each([
    ['a detail that is none of the event', event('Begun', { what: 7 })],
    ['an event that is none of them', event('Paused', { what: 'a' })],
  ])('%s goes back to the queue, and nobody is told; the others are', async (_, wrong) => {
    const messages = [
      sqsRecord(wrong, { messageId: 'wrong' }),
      sqsRecord(event('Ended', { what: 'b' }), { messageId: 'right' }),
    ];
    expect(await deliver(handler, messages)).toEqual(['wrong']);
    expect(told()).toEqual(['It is over. b']);
  });

  it('one that was not heard is told by the next delivery', async () => {
    const post = vi.spyOn(globalThis, 'fetch').mockRejectedValueOnce(new Error('unreachable'));
    const message = sqsRecord(event('Begun', { what: 'a' }), { messageId: 'unheard' });
    expect(await deliver(handler, [message])).toEqual(['unheard']);
    expect(await deliver(handler, [message])).toEqual([]);
    expect(told()).toEqual(['It begins. a']);
    post.mockRestore();
  });
});
