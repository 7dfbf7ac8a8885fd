import { describe, expect, it } from 'vitest';
import { envelopes, untilSeen } from '../support/flow.ts';
import { put } from '../support/put.ts';
import { untilDone } from '../support/queues.ts';
import { replayAll } from '../support/replay.ts';
import { session } from '../support/rollout-session.ts';
import {
  addGroup,
  addImage,
  availability,
  follow,
  rollBack,
  standOf,
  untilRolledOut,
  untilStill,
} from '../support/rollouts.ts';

const DAY = 86_400_000;

/** What may still have something to do when all that a test waits for is there. */
const CONSUMERS = [
  'AmiAvailable/RollOut',
  'AmiAvailable/SetPointer',
  'AmiAvailable/CleanUp',
  'AmiRollbackRequested/RollBack',
];

describe.concurrent('a month', () => {
  it('of images, each rolled out in its time, ends in a rollback', async () => {
    const { id, base } = await follow(session, 'monthly');
    await addGroup(session, 'monthly', { LaunchTemplate: { LaunchTemplateId: id, Version: '$Default' } });
    const images: string[] = [];
    for (const ageDays of [28, 21, 14, 7]) {
      const image = await addImage(session, 'monthly', ageDays);
      const time = new Date(Date.now() - ageDays * DAY);
      await put(session, { ...availability(session, 'monthly', image), time });
      await untilRolledOut(session, 'monthly', image);
      images.push(image.imageId);
    }
    await rollBack(session, { instanceName: 'monthly' });
    await untilSeen(session, 'AmiRolledBack', 'monthly');
    expect(await standOf(session, id)).toEqual({ images: [base, ...images], default: 4 });
  });
});

describe('that month, and all that was done besides', () => {
  it('is replayed, and nothing changes', async () => {
    for (const consumer of CONSUMERS) await untilDone(session, consumer, 90);
    const before = await untilStill(session);
    const told = envelopes(session, 'AmiAvailable');
    expect(told.filter(({ time }) => Date.parse(time) < Date.now() - DAY)).toHaveLength(4);

    await replayAll(session, 'a-month', 31 * 24);
    for (const consumer of CONSUMERS) await untilDone(session, consumer, 90);

    expect(envelopes(session, 'AmiAvailable')).toHaveLength(2 * told.length);
    expect(await untilStill(session)).toEqual(before);
  }, 240_000);
});
