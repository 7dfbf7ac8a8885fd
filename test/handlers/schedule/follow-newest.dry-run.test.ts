import { expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/schedule/follow-newest.ts';
import { stopClock } from '../../support/clock.ts';
import { lambdaContext } from '../../support/events.ts';
import { ami, POINTER, RolloutWorld, TEMPLATE } from '../../support/rollout-world.ts';

vi.hoisted(() => vi.stubEnv('DRY_RUN', 'true'));
vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

it('says what would be changed, once, and changes nothing', async () => {
  const world = new RolloutWorld();
  world.has(1, 2);
  world.follower();
  world.groups.add();
  for (let day = 0; day < 3; day += 1) await handler({}, lambdaContext({ remainingMs: 900_000 }));
  expect(world.bus.published.map(({ type }) => type)).toEqual(
    Array.from({ length: 3 }, () => 'AmiRolloutPlanned'),
  );
  expect(
    world.bus.of('AmiRolloutPlanned').toSorted((a, b) => (String(a.code) < String(b.code) ? -1 : 1)),
  ).toMatchObject([
    { code: 'move-pointer', parameterName: POINTER, imageId: ami(2) },
    { code: 'refresh', autoScalingGroupName: 'web', imageId: ami(2) },
    { code: 'roll-out', launchTemplateId: TEMPLATE, imageId: ami(2) },
  ]);
  expect(world.changes).toEqual([]);
});
