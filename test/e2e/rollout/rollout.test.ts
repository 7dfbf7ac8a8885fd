import { describe, expect, it } from 'vitest';
import { DENIED } from '../support/roles.ts';
import { session, useRolloutSession } from '../support/rollout-session.ts';

// One deployment for all of them, and most of it at work at the same time; what takes longest comes first.
import './refreshes.suite.ts';
import './groups.suite.ts';
import './templates.suite.ts';

useRolloutSession();

describe('in the end', () => {
  it('nothing was refused to those who did the work', async () => {
    const refused = (await session.aws.control.calls()).filter(({ errorCode }) =>
      DENIED.includes(errorCode ?? ''),
    );
    expect(refused.map(({ service, action }) => `${service}:${action}`)).toEqual([]);
  });
});
