import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-available/roll-out.ts';
import { stopClock } from '../../support/clock.ts';
import { ami, available, RolloutWorld, TEMPLATE } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
  world.has(1, 2);
});
const rollOut = async () => expect(await deliver(handler, [available()])).toEqual([]);

describe('a template that follows the name', () => {
  it('gets a version with the newest image, like its default, made the default', async () => {
    world.follower({ data: { InstanceType: 't3.small', SecurityGroupIds: ['sg-0000000a'] } });
    await rollOut();
    expect(world.templates.shown(TEMPLATE)).toEqual({ images: [ami(1), ami(2)], standard: 2 });
    expect(world.templates.versions(TEMPLATE)[1]).toMatchObject({
      VersionDescription: `amity: ${ami(2)}, request request-2, from version 1`,
      LaunchTemplateData: { InstanceType: 't3.small', SecurityGroupIds: ['sg-0000000a'] },
    });
  });
});
