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

/** Each function's first call starts a process: long, on whatever machine this is. */
const SECONDS = 90;

describe('the whole flow, each function under its own role', () => {
  const add = (name: string, ageDays: number, instanceName: string) =>
    session.aws.control.addImage({ name, ageDays, tags: ours(instanceName) });
  const there = async () => (await session.aws.control.images()).map(({ imageId }) => imageId);

  it('goes from a POST and an event to images, cards and the clean-up of that name', async () => {
    const { control } = session.aws;
    const old = await add('old', 30, 'service-api');
    const newer = await add('newer', 20, 'service-api');
    await control.startInstance({ name: 'service-api' });
    await control.startInstance({ name: 'service-worker' });
    expect((await postRequest(session, { instance_name_list: ['service-api'] })).status).toBe(202);
    await publishRequest(session, { instanceName: 'service-worker' });

    const api = await untilSeen(session, 'AmiAvailable', 'service-api', SECONDS);
    const worker = await untilSeen(session, 'AmiAvailable', 'service-worker', SECONDS);
    const cleaned = await untilSeen(session, 'AmiCleaned', 'service-api', SECONDS);
    expect(cleaned.deleted).toMatchObject([{ imageId: old.imageId, snapshotIds: old.snapshotIds }]);
    expect(await there()).toEqual(expect.arrayContaining([newer, api, worker].map(({ imageId }) => imageId)));
    for (const { imageId } of [api, worker, old]) {
      await until(`the card about ${imageId}`, () => cardsAbout(session, imageId)[0], SECONDS);
    }
  });

  it('cleans up all names when the schedule says so', async () => {
    const doomed = await add('doomed', 40, 'service-batch');
    await add('kept-1', 30, 'service-batch');
    await add('kept-2', 20, 'service-batch');
    const answer = await new LambdaClient({ ...session.aws.clientConfig }).send(
      new InvokeCommand({ FunctionName: session.outputs.CleanUpFunctionName }),
    );
    expect(answer.FunctionError).toBeUndefined();
    const report = await until(
      'AmiCleaned',
      () => seen(session, 'AmiCleaned').find(({ trigger }) => trigger === 'schedule'),
      SECONDS,
    );
    expect(report).toMatchObject({
      deleted: [{ imageId: doomed.imageId, snapshotIds: doomed.snapshotIds }],
      failed: [],
    });
    expect(await there()).not.toContain(doomed.imageId);
  });

  it('ends what cannot be done in AmiFailed, and a replay of the archive makes it, once', async () => {
    await publishRequest(session, { instanceName: 'late', requestId: 'late-1' });
    const failed = await untilSeen(session, 'AmiFailed', 'late', SECONDS);
    expect(failed.code).toBe('no-running-instance');
    await until('its card', () => cardsAbout(session, 'late')[0], SECONDS);
    await session.aws.control.startInstance({ name: 'late' });
    await replayAll(session, 'started-meanwhile');
    const late = await untilSeen(session, 'AmiAvailable', 'late', SECONDS);
    expect(late).toMatchObject({ requestId: 'late-1', attempt: 2 });
    expect(await imagesOf(session, 'late')).toHaveLength(1);
    expect(announced(session, 'AmiAvailable', 'service-api')).toHaveLength(1);
  });

  it('was refused nothing on the way', async () => {
    const calls = await session.aws.control.calls();
    expect(calls.filter(({ status }) => status === 403)).toEqual([]);
  });
});
