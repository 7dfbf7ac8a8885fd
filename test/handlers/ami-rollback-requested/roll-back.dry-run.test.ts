import { beforeEach, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-rollback-requested/roll-back.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { ami, POINTER, RolloutWorld, rollback, TEMPLATE } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.hoisted(() => vi.stubEnv('DRY_RUN', 'true'));
vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
  world.has(1, 2);
});
const goBack = async () => expect(await deliver(handler, [rollback()])).toEqual([]);
const followed = () => {
  world.follower();
  world.templates.grow(TEMPLATE, { ImageId: ami(2) }, `amity: ${ami(2)}, request request-2, from version 1`);
  world.templates.reset(TEMPLATE, 2);
  world.groups.add();
  passes(MINUTE);
};

it('says what would be done to template and group, once, and does nothing', async () => {
  followed();
  world.parameters.set(POINTER, ami(2), new Date(0));
  await goBack();
  await goBack();
  const known = {
    launchTemplateId: TEMPLATE,
    version: 1,
    imageId: ami(1),
    previousVersion: 2,
    previousImageId: ami(2),
  };
  expect(world.bus.of('AmiRolloutPlanned')).toMatchObject([
    {
      ...known,
      requestId: 'incident',
      code: 'roll-back',
      message: expect.stringContaining(`${ami(2)} be rejected`),
    },
    { ...known, requestId: 'incident', code: 'refresh', autoScalingGroupName: 'web' },
  ]);
  expect(world.changes).toEqual([]);
});

it('says where the pointer would go, where that is all that there is', async () => {
  world.parameters.set(POINTER, ami(2), new Date(0));
  await goBack();
  await goBack();
  expect(world.bus.published).toMatchObject([
    {
      type: 'AmiRolloutPlanned',
      detail: { code: 'move-pointer', parameterName: POINTER, imageId: ami(1), previousImageId: ami(2) },
    },
  ]);
  expect(world.changes).toEqual([]);
});

it('says what would be refused', async () => {
  followed();
  world.deregister(1);
  await goBack();
  expect(world.bus.of('AmiRolloutFailed')).toMatchObject([{ code: 'image-unusable' }]);
  expect(world.changes).toEqual([]);
});

it('a rollback of before is not gone on with', async () => {
  followed();
  world.knows({ kind: 'back', version: 1, previousVersion: 2, requestId: 'incident', announced: false });
  await goBack();
  expect(world.changes).toEqual([]);
  world.templates.reset(TEMPLATE, 1);
  await goBack();
  expect(world.changes).toEqual([]);
});
