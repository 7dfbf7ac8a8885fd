import { afterAll, beforeAll, expect, it } from 'vitest';
import { postRequest } from '../../../local/story.ts';
import { envelopes, seen, until } from '../support/flow.ts';
import { type Session, startSession } from '../support/session.ts';

const REQUESTS = 200;
const LIMIT = { size: 5, refill: 5 };
const MOST_PENDING = 20;
const PENDING_SECONDS = 5;
/** What the limits themselves take; the machine that runs this is no measure of more than that it ends. */
const FLOOR_SECONDS = Math.max(
  (REQUESTS - LIMIT.size) / LIMIT.refill,
  ((REQUESTS - MOST_PENDING) / MOST_PENDING) * PENDING_SECONDS,
);
const CEILING_SECONDS = 6 * FLOOR_SECONDS;

let session: Session;

beforeAll(async () => {
  session = await startSession({ pendingSeconds: PENDING_SECONDS });
  await session.aws.control.setLimit('CreateImage', LIMIT);
  await session.aws.control.setQuotas({ pending: MOST_PENDING });
});
afterAll(() => session?.stop());

const names = Array.from({ length: REQUESTS }, (_, index) => `fleet-${String(index).padStart(3, '0')}`);

it('200 requests at once, CreateImage held to 5 a second and 20 pending: all made, once each, none failed', async () => {
  await Promise.all(names.map((name) => session.aws.control.startInstance({ name })));
  const started = Date.now();
  const answers = await Promise.all(
    [names.slice(0, 100), names.slice(100)].map((half) => postRequest(session, { instance_name_list: half })),
  );
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);

  const count = (event: 'AmiCreated' | 'AmiAvailable') => envelopes(session, event).length;
  const ended = (event: 'AmiCreated' | 'AmiAvailable') =>
    until(`${REQUESTS} ${event}`, () => count(event) >= REQUESTS, CEILING_SECONDS);
  await ended('AmiCreated');
  const made = await session.aws.control.calls({ service: 'ec2', action: 'CreateImage', since: started });
  const last = Math.max(...made.filter(({ status }) => status === 200).map(({ time }) => time));
  await ended('AmiAvailable');
  console.log(
    `${REQUESTS} images at ${LIMIT.refill} a second and ${MOST_PENDING} pending for ${PENDING_SECONDS} s: all made after ${((last - started) / 1000).toFixed(1)} s, ` +
      `available after ${((Date.now() - started) / 1000).toFixed(1)} s; the limits themselves take ` +
      `${FLOOR_SECONDS.toFixed(1)} s. CreateImage was called ${made.length} times.`,
  );

  const images = await session.aws.control.images();
  expect(images.map(({ tags }) => tags['amity:instance-name']).sort()).toEqual(names);
  expect(images.every(({ state }) => state === 'available')).toBe(true);
  const told = seen(session, 'AmiAvailable').map(({ instanceName }) => instanceName);
  expect(told.sort()).toEqual(names);
  expect(seen(session, 'AmiFailed')).toEqual([]);
  const refusals = new Set(made.flatMap(({ errorCode }) => errorCode ?? []));
  // Whether the rate is met too is a matter of how fast this machine is; test/local/limits.test.ts holds that it counts.
  expect(refusals).toContain('PendingSnapshotLimitExceeded');
  await until('a card each', () => session.receiver.cards.length >= REQUESTS, 120);
  expect(new Set(session.receiver.cards.map(({ body }) => body)).size).toBe(REQUESTS);
  expect(session.receiver.cards).toHaveLength(REQUESTS);
}, 600_000);
