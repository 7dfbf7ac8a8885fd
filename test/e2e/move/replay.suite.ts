import { describe, expect, it } from 'vitest';
import { backedUp, fire, runConsistent, schedulesOf } from '../support/backups.ts';
import { untilAws } from '../support/bakes.ts';
import { envelopes, imagesOf, untilSeen } from '../support/flow.ts';
import { session } from '../support/move-session.ts';
import { endsOf, likenessesOf, requestMove, runSource, stateOf, untilEnd } from '../support/moves.ts';
import { replayAll } from '../support/replay.ts';

describe('a replay of everything', () => {
  it('moves nothing again, and reboots nothing again', async () => {
    const [moved, refused] = [await runSource('replayed'), 'i-0fedcba9876543210'];
    const backup = await runConsistent('replayed-backup');
    await backedUp(backup);
    await fire(await untilAws('its schedule', async () => (await schedulesOf(backup))[0]));
    await requestMove(moved);
    await requestMove(refused);
    await Promise.all([
      untilEnd(moved),
      untilEnd(refused),
      untilSeen(session, 'AmiAvailable', 'replayed-backup'),
    ]);

    await replayAll(session, 'everything');
    const replayed = envelopes(session, 'AmiMoveRequested').filter((each) => each['replay-name']);
    expect(replayed).toHaveLength(2);
    const ends = [...endsOf(moved), ...endsOf(refused)].map((each) => JSON.stringify(each));
    expect(new Set(ends).size).toBe(2);
    expect(await likenessesOf(moved)).toHaveLength(1);
    for (const [name, id] of [
      ['replayed', moved],
      ['replayed-backup', backup],
    ] as const) {
      expect(await imagesOf(session, name)).toHaveLength(1);
      expect(await stateOf(id)).toMatchObject({ state: 'running', reboots: 1 });
    }
  });
});
