import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Session, startSession } from '../../local/session.ts';
import { postRequest, publishRequest } from '../../local/story.ts';
import { announced, cardsAbout, imagesOf, ours, seen, until, untilSeen } from './support/flow.ts';
import { replayAll } from './support/replay.ts';

let session: Session;

beforeAll(async () => {
  session = await startSession({ enforceIam: true });
});
afterAll(() => session?.stop());

/** Long: eight functions start under their roles on whatever machine this is. */
const SECONDS = 90;

describe('the whole flow, each function under its own role', () => {
  it('goes from a POST and an event to images, cards and the clean-up of what is old', async () => {
    const { control } = session.aws;
    const add = (name: string, ageDays: number) =>
      control.addImage({ name, ageDays, tags: ours('service-api') });
    const old = await add('old', 30);
    await add('newer', 20);
    await control.startInstance({ name: 'service-api' });
    await control.startInstance({ name: 'service-worker' });
    expect((await postRequest(session, { instance_name_list: ['service-api'] })).status).toBe(202);
    await publishRequest(session, { instanceName: 'service-worker' });

    const { imageId } = await untilSeen(session, 'AmiAvailable', 'service-api', SECONDS);
    const worker = await untilSeen(session, 'AmiAvailable', 'service-worker', SECONDS);
    const cleaned = await untilSeen(session, 'AmiCleaned', 'service-api', SECONDS);
    expect(cleaned.deleted).toMatchObject([{ imageId: old.imageId, snapshotIds: old.snapshotIds }]);
    for (const id of [imageId, worker.imageId, old.imageId]) {
      await until(`the card about ${id}`, () => cardsAbout(session, id)[0], SECONDS);
    }
    console.log(
      (await control.calls())
        .filter((c) => c.errorCode)
        .map((c) => `${c.service} ${c.action} ${c.errorCode} ${JSON.stringify(c.params)}`),
    );
  });
});
