import { describe, expect, it } from 'vitest';
import { session, useMoveSession } from '../support/move-session.ts';
import { DENIED } from '../support/roles.ts';

// One deployment for moves and consistent backups, and most of it at work at the same time. Replayed is what is few.
import './replay.suite.ts';
import '../backup/backup.suite.ts';
import '../examples/auto-scaling-group.suite.ts';
import './requests.suite.ts';
import './faults.suite.ts';
import './refusals.suite.ts';

useMoveSession();

describe('in the end', () => {
  it('nothing was ever terminated, and nothing was refused to those who did the work', async () => {
    const calls = await session.aws.control.calls();
    expect(calls.filter(({ action }) => action === 'TerminateInstances')).toEqual([]);
    const refused = calls.filter(({ errorCode }) => DENIED.includes(errorCode ?? ''));
    expect(refused.map(({ action }) => action)).toEqual([]);
  });
});
