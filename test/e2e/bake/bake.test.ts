import { beforeAll, expect, it } from 'vitest';
import { NIGHTLY, session, useBakeSession, YEARLY } from '../support/bake-session.ts';
import { BASE_IMAGE, NOTHING, untilGone, WAITS } from '../support/bakes.ts';
import { envelopes } from '../support/flow.ts';

// One deployment for all of them, and most of it at work at the same time; what takes longest comes first.
import './standing.suite.ts';
import './scripts.suite.ts';
import './builders.suite.ts';
import './faults.suite.ts';
import './requests.suite.ts';
import './roles.suite.ts';

useBakeSession();

beforeAll(async () => {
  const { builders } = session.aws.control;
  await Promise.all([NOTHING, WAITS].map((script) => builders.allow(script)));
  for (const { parameter } of [NIGHTLY, YEARLY]) await builders.setPublicParameter(parameter, BASE_IMAGE);
});

it('in the end nothing of any bake is left, and nothing was refused to whoever did the work', async () => {
  await untilGone(session);
  const calls = await session.aws.control.calls();
  const denied = calls.filter(
    ({ status, params }) => status === 403 && !JSON.stringify(params).includes('role-'),
  );
  expect(denied).toEqual([]);
});

it('every request has ended, and once', () => {
  const ends = [...envelopes(session, 'AmiAvailable'), ...envelopes(session, 'AmiFailed')];
  const told = ends.map(({ detail }) => JSON.stringify(detail));
  const requests = envelopes(session, 'AmiBakeRequested').map(
    ({ detail }) => detail as { requestId: string },
  );
  for (const { requestId } of requests) {
    const own = new Set(told.filter((each) => each.includes(`"requestId":"${requestId}"`)));
    expect([requestId, own.size]).toEqual([requestId, 1]);
  }
});
