import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postRequest, publishRequest } from '../../local/story.ts';
import { cardsAbout, envelopes, seen, settle, until, untilSeen } from './support/flow.ts';
import { replayAll } from './support/replay.ts';
import { type Session, startSession } from './support/session.ts';

let session: Session;

beforeAll(async () => {
  session = await startSession();
});
afterAll(() => session?.stop());

/** What happened so far, replayed copies of events left out. */
const happened = (name: 'AmiCreated' | 'AmiAvailable' | 'AmiFailed') =>
  envelopes(session, name).filter((event) => !event['replay-name']).length;

describe('a replay of the whole archive', () => {
  it('repeats nothing that was done', async () => {
    await session.aws.control.startInstance({ name: 'service-api' });
    await session.aws.control.startInstance({ name: 'service-worker' });
    await postRequest(session, { instance_name_list: ['service-api'] });
    await publishRequest(session, { instanceName: 'service-worker' });
    await publishRequest(session, { instanceName: 7 });
    await untilSeen(session, 'AmiAvailable', 'service-api');
    await untilSeen(session, 'AmiAvailable', 'service-worker');
    await until('the refusal', () => seen(session, 'AmiFailed').length === 1);
    await until('three cards', () => session.receiver.cards.length === 3);
    const images = await session.aws.control.images();

    await replayAll(session, 'everything');

    expect(await session.aws.control.images()).toEqual(images);
    expect(session.receiver.cards).toHaveLength(3);
    expect([happened('AmiCreated'), happened('AmiAvailable'), happened('AmiFailed')]).toEqual([2, 2, 1]);
  });

  it('tries what failed once more for each replay, and a duplicate does not', async () => {
    const detail = { instanceName: 'late', requestId: 'late-1' };
    await publishRequest(session, detail);
    await untilSeen(session, 'AmiFailed', 'late');
    await publishRequest(session, detail);
    await settle(2);
    const failures = () =>
      envelopes(session, 'AmiFailed').filter(
        (event) => !event['replay-name'] && JSON.stringify(event.detail).includes('late-1'),
      ).length;
    expect(failures()).toBe(1);

    await replayAll(session, 'still-missing');
    expect(failures()).toBe(2);

    await session.aws.control.startInstance({ name: 'late' });
    await replayAll(session, 'started-meanwhile');
    expect((await untilSeen(session, 'AmiAvailable', 'late')).attempt).toBe(3);
    expect(failures()).toBe(2);

    await replayAll(session, 'after-success');
    expect(
      seen(session, 'AmiAvailable').filter(({ instanceName }) => instanceName === 'late').length,
    ).toBeLessThan(4);
    const images = await session.aws.control.images();
    expect(images.filter(({ name }) => name.startsWith('late-'))).toHaveLength(1);
    expect(cardsAbout(session, 'late-Deploy')).toHaveLength(1);
  });
});

describe('a receiver that refuses', () => {
  it('gets the card later, once, while the flow goes on', async () => {
    await session.aws.control.startInstance({ name: 'chatty' });
    session.receiver.behave({ status: 503 });
    await publishRequest(session, { instanceName: 'chatty' });
    const { imageId } = await untilSeen(session, 'AmiAvailable', 'chatty');
    await until('a refused card', () => cardsAbout(session, imageId).length === 1);
    session.receiver.behave({});
    await until('the card again', () => cardsAbout(session, imageId).length === 2, 60);
    await settle(2);
    expect(cardsAbout(session, imageId)).toHaveLength(2);
  });
});
