import { beforeEach, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-available/roll-out.ts';
import { pointerEnvironment } from '../../../shared/runtime/rollout-environment.ts';
import { stopClock } from '../../support/clock.ts';
import { ami, available, RolloutWorld, TEMPLATE } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.hoisted(() => vi.stubEnv('DRY_RUN', 'true'));
vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
  world.has(1, 2);
  world.follower({ data: { IamInstanceProfile: { Name: 'web-profile' } } });
  world.groups.add();
});
const look = async () => expect(await deliver(handler, [available()])).toEqual([]);

it('is what these tests are about', () => {
  expect(pointerEnvironment().dryRun).toBe(true);
});

it('says what would be done to template and group, and does nothing', async () => {
  await look();
  const known = {
    launchTemplateId: TEMPLATE,
    instanceName: 'service-api',
    imageId: ami(2),
    previousVersion: 1,
    previousImageId: ami(1),
    requestId: 'request-2',
  };
  expect(world.bus.published).toEqual([
    {
      type: 'AmiRolloutPlanned',
      detail: {
        ...known,
        code: 'roll-out',
        message: expect.stringContaining(`${TEMPLATE} would get a version`),
      },
    },
    {
      type: 'AmiRolloutPlanned',
      detail: {
        ...known,
        autoScalingGroupName: 'web',
        code: 'refresh',
        message: expect.stringContaining('web'),
      },
    },
  ]);
  expect(world.changes).toEqual([]);
});

it('says it once for each image', async () => {
  for (let times = 0; times < 3; times += 1) await look();
  expect(world.bus.published).toHaveLength(2);
  world.has(3);
  await look();
  expect(world.bus.of('AmiRolloutPlanned').map(({ imageId }) => imageId)).toEqual([
    ami(2),
    ami(2),
    ami(3),
    ami(3),
  ]);
  expect(world.changes).toEqual([]);
});

it('says what would be refused', async () => {
  world.profiles.set('web-profile', ['admin']);
  await look();
  expect(world.bus.published).toMatchObject([{ type: 'AmiRolloutFailed', detail: { code: 'pass-role' } }]);
  expect(world.changes).toEqual([]);
});

it.each([true, false])('a rollout of before (told: %s) is not gone on with', async (announced) => {
  world.templates.grow(TEMPLATE, { ImageId: ami(2) });
  world.templates.reset(TEMPLATE, 2);
  world.knows({ announced });
  await look();
  expect(world.changes).toEqual([]);
  expect(world.bus.published).toEqual([]);
});
