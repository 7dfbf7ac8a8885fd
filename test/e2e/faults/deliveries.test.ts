import { DeregisterImageCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishRequest } from '../../../local/story.ts';
import { OUR_SOURCE } from '../../../shared/events/event.ts';
import { announced, cardsAbout, imagesOf, ours, settle, until, untilSeen } from '../support/flow.ts';
import { put } from '../support/put.ts';
import { untilDone } from '../support/queues.ts';
import { replayAll } from '../support/replay.ts';
import { type Session, startSession } from '../support/session.ts';

let session: Session;

beforeAll(async () => {
  session = await startSession();
});
afterAll(() => session?.stop());

const start = (name: string) => session.aws.control.startInstance({ name });
const request = (instanceName: string, requestId: string) => ({
  detailType: 'AmiRequested',
  detail: { instanceName, requestId },
});

/** What there is of a name: images, announcements, cards about its images. */
async function tally(instanceName: string) {
  const available = announced(session, 'AmiAvailable', instanceName);
  return {
    images: (await imagesOf(session, instanceName)).length,
    created: announced(session, 'AmiCreated', instanceName).length,
    available: available.length,
    failed: announced(session, 'AmiFailed', instanceName).length,
    cards: cardsAbout(session, `${instanceName}-Deploy`).length,
  };
}
const ONCE = { images: 1, created: 1, available: 1, failed: 0, cards: 1 };

describe.concurrent('deliveries', () => {
  it('the same request five times at once and again later: one image, one announcement, one card', async () => {
    await start('five');
    const same = request('five', 'build-5');
    await Promise.all(Array.from({ length: 5 }, () => put(session, same)));
    await untilSeen(session, 'AmiAvailable', 'five');
    await until('the card', () => cardsAbout(session, 'five-Deploy')[0]);
    await put(session, same, same);
    // Those that came while the first was at work look again after 20 seconds.
    await untilDone(session, 'AmiRequested/CreateImage');
    await settle(2);
    expect(await tally('five')).toEqual(ONCE);
  });

  it('two requests for one instance in the same minute: two images, the second with its suffix', async () => {
    await start('twins');
    const time = new Date();
    await put(session, { ...request('twins', 'a'), time }, { ...request('twins', 'b'), time });
    await until('both', () => announced(session, 'AmiAvailable', 'twins').length === 2);
    const names = (await imagesOf(session, 'twins')).map(({ name }) => name).sort();
    const [plain = ''] = names;
    expect(plain).toMatch(/^twins-Deploy-\d{4}-\d{2}-\d{2}_\d{2}_\d{2}$/);
    expect(names[1]).toMatch(new RegExp(`^${plain}-[0-9a-f]{6}$`));
    const told = announced(session, 'AmiAvailable', 'twins');
    expect(told.map(({ imageName }) => imageName).sort()).toEqual(names);
    expect(new Set(told.map(({ requestId }) => requestId))).toEqual(new Set(['a', 'b']));
  });

  it("EC2's event before the waiter waits, AmiCreated again after the end: announced once", async () => {
    await session.aws.control.setPending(0, { instance: 'instant' });
    await start('instant');
    await publishRequest(session, { instanceName: 'instant' });
    await untilSeen(session, 'AmiAvailable', 'instant');
    const [detail] = announced(session, 'AmiCreated', 'instant');
    await put(session, { detailType: 'AmiCreated', detail, source: OUR_SOURCE });
    await until('it again', () => announced(session, 'AmiCreated', 'instant').length === 2);
    await settle(3);
    expect(await tally('instant')).toEqual({ ...ONCE, created: 2 });
  });

  it('an old AmiAvailable after a newer one: clean-up acts on what EC2 says now, and no card is repeated', async () => {
    const { control } = session.aws;
    await start('aged');
    await publishRequest(session, { instanceName: 'aged' });
    const old = await untilSeen(session, 'AmiAvailable', 'aged');
    await until('the card', () => cardsAbout(session, old.imageId)[0]);
    await control.changeImage(old.imageId, { ageDays: 20 });
    const newer = [2, 1].map((ageDays) =>
      control.addImage({ name: `aged-${ageDays}`, ageDays, tags: ours('aged') }),
    );
    await put(session, { detailType: 'AmiAvailable', detail: old, source: OUR_SOURCE });
    const report = await untilSeen(session, 'AmiCleaned', 'aged');
    expect(report.deleted.map(({ imageId }) => imageId)).toEqual([old.imageId]);
    const left = (await Promise.all(newer)).map(({ imageId }) => imageId);
    expect((await imagesOf(session, 'aged')).map(({ imageId }) => imageId).sort()).toEqual(left.sort());
    // The report names the image as well; the card that it is available was sent before, and once.
    await settle(3);
    const cards = cardsAbout(session, old.imageId).filter(({ body }) => body.includes('Is Available'));
    expect(cards).toHaveLength(1);
  });
});

describe('a replay of the whole archive', () => {
  it('after success, after the image was cleaned, and when its name has a newer image: nothing again', async () => {
    await Promise.all([start('kept'), start('cleaned')]);
    await put(session, request('kept', 'k'), request('cleaned', 'c'), request('overtaken', 'early'));
    const { imageId } = await untilSeen(session, 'AmiAvailable', 'cleaned');
    await untilSeen(session, 'AmiAvailable', 'kept');
    await untilSeen(session, 'AmiFailed', 'overtaken');
    await start('overtaken');
    await put(session, request('overtaken', 'later'));
    await untilSeen(session, 'AmiAvailable', 'overtaken');
    await new EC2Client(session.aws.clientConfig).send(new DeregisterImageCommand({ ImageId: imageId }));
    await untilDone(session, 'AmiAvailable/Notify');
    const names = ['five', 'twins', 'instant', 'kept', 'cleaned', 'overtaken'];
    const tallies = () => Promise.all(names.map(tally));
    const before = await tallies();
    expect(before.slice(3)).toEqual([ONCE, { ...ONCE, images: 0 }, { ...ONCE, failed: 1 }]);

    await replayAll(session, 'once');
    await replayAll(session, 'once-more');
    expect(await tallies()).toEqual(before);
    expect(announced(session, 'AmiFailed', 'overtaken').map(({ requestId }) => requestId)).toEqual(['early']);
  });
});
