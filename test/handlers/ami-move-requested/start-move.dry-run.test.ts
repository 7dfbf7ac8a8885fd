import { expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-move-requested/start-move.ts';
import { stopClock } from '../../support/clock.ts';
import { example } from '../../support/events.ts';
import { SOURCE } from '../../support/move-world.ts';
import { RolloutWorld } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.hoisted(() => vi.stubEnv('DRY_RUN', 'true'));
stopClock();

it('says what would be done, once, and starts nothing', async () => {
  const world = new RolloutWorld();
  for (let times = 0; times < 2; times += 1)
    expect(await deliver(handler, [example('ami-move-requested')])).toEqual([]);
  expect(world.bus.published).toEqual([
    {
      type: 'AmiRolloutPlanned',
      detail: {
        requestId: 'leave-us-east-1a',
        instanceId: SOURCE,
        code: 'move',
        message: expect.stringContaining(`${SOURCE} would be imaged`),
      },
    },
  ]);
  expect(world.changes).toEqual([]);
});
