import { describe, expect, it } from 'vitest';
import { DENIED } from '../support/roles.ts';
import { session, useRolloutSession } from '../support/rollout-session.ts';

// One deployment for all of them, and most of it at work at the same time; what takes longest comes first.
import './faults.suite.ts';
import './rollback.suite.ts';
import './refreshes.suite.ts';
import './groups.suite.ts';
import './templates.suite.ts';
// These look at everything, and come when all else is over.
import './replay.suite.ts';
import './follow.suite.ts';
import './many.suite.ts';

useRolloutSession();

describe('in the end', () => {
  it('nothing was refused to those who did the work', async () => {
    const refused = (await session.aws.control.calls()).filter(({ errorCode }) =>
      DENIED.includes(errorCode ?? ''),
    );
    expect(refused.map(({ service, action }) => `${service}:${action}`)).toEqual([]);
  });
});
