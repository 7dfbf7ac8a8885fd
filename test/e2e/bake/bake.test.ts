import { beforeAll, describe, expect, it } from 'vitest';
import { NIGHTLY, session, useBakeSession, YEARLY } from '../support/bake-session.ts';
import { BASE_IMAGE, NOTHING, untilGone, WAITS } from '../support/bakes.ts';
import { envelopes } from '../support/flow.ts';
import { allowed, triesOf } from '../support/role-calls.ts';
import { MAY, MAY_ASK_FOR_BAKES } from '../support/role-permissions.ts';
import { DENIED, resourcesOf } from '../support/roles.ts';

// One deployment for all of them, and most of it at work at the same time; what takes longest comes first.
import './standing.suite.ts';
import './scripts.suite.ts';
import './builders.suite.ts';
import './faults.suite.ts';
import './requests.suite.ts';
import './tokens.suite.ts';

/** A builder's role is tried with them (tokens.suite.ts). Of an image that is gone, EC2 knows no tag (faults.suite.ts). */
const REFUSED = [
  'DeregisterImage',
  'DescribeInstances',
  'SendTaskFailure',
  'SendTaskSuccess',
  'StartExecution',
];

useBakeSession();

beforeAll(async () => {
  const { builders } = session.aws.control;
  await Promise.all([NOTHING, WAITS].map((script) => builders.allow(script)));
  for (const { parameter } of [NIGHTLY, YEARLY]) await builders.setPublicParameter(parameter, BASE_IMAGE);
});

describe('in the end', () => {
  it('nothing of any bake is left', async () => {
    await untilGone(session);
  });

  it('every request has ended, and once', () => {
    const ends = [...envelopes(session, 'AmiAvailable'), ...envelopes(session, 'AmiFailed')];
    const told = ends.map(({ detail }) => JSON.stringify(detail));
    const requests = envelopes(session, 'AmiBakeRequested').map(
      ({ detail }) => detail as { requestId: string },
    );
    expect(requests.length).toBeGreaterThan(40);
    for (const { requestId } of requests) {
      const own = new Set(told.filter((each) => each.includes(`"requestId":"${requestId}"`)));
      expect([requestId, own.size]).toEqual([requestId, 1]);
    }
  });

  it('nothing was refused to those who did the work, but what had to be', async () => {
    const refused = (await session.aws.control.calls()).filter(({ errorCode }) =>
      DENIED.includes(errorCode ?? ''),
    );
    expect(refused.map(({ action }) => action).sort()).toEqual(REFUSED);
  });
});

describe('the role of', () => {
  it.each(Object.entries(MAY_ASK_FOR_BAKES))('%s may do its work, and nothing else', async (place, work) => {
    expect(await triesOf(session, place)).toEqual(allowed(work));
  });

  it('each function, workflow and schedule was tried, here or where nothing is baked by itself', async () => {
    const { HttpApiCloudWatch: _, ...roles } = await resourcesOf(session, 'AWS::IAM::Role');
    expect(Object.keys(roles).sort()).toEqual(Object.keys({ ...MAY, ...MAY_ASK_FOR_BAKES }).sort());
  });
});
