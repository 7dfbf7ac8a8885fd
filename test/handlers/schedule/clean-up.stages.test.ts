import { DisableImageCommand, EnableImageDeprecationCommand } from '@aws-sdk/client-ec2';
import { beforeEach, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/schedule/clean-up.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { DAY, MINUTE, passes, stopClock } from '../../support/clock.ts';
import { lambdaContext } from '../../support/events.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
vi.hoisted(() => {
  const settings = JSON.parse(process.env.RETENTION ?? '{}');
  const policies = [{ names: ['nightly-*'], days: 3, keepNewest: 1 }];
  process.env.RETENTION = JSON.stringify({ ...settings, deprecateDays: 5, disableDays: 9, policies });
});
stopClock();

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
});
const run = () => handler({}, lambdaContext({ remainingMs: 900_000 }));
const told = () => world.bus.of('AmiCleaned').at(-1);

it('one stage after the other, each once: deprecated, disabled, deleted', async () => {
  world.has(1, 2, 6);
  await run();
  expect(told()).toMatchObject({
    counts: { deleted: 0, kept: 0, failed: 0, deprecated: 1 },
    deprecated: [{ imageId: old(6), ageDays: 6 }],
  });
  await run();
  // EC2 takes a date in the future alone: it is deprecated two minutes later.
  passes(4 * DAY + 2 * MINUTE);
  await run();
  expect(told()).toMatchObject({ counts: { disabled: 1 }, disabled: [{ imageId: old(6), ageDays: 10 }] });
  expect(world.home.image(old(6)).State).toBe('disabled');
  await run();
  passes(5 * DAY);
  await run();
  expect(told()).toMatchObject({ counts: { deleted: 1 }, deleted: [{ imageId: old(6), ageDays: 15 }] });
  expect(world.home.binnedImages.has(old(6))).toBe(true);
  expect(world.inputs(EnableImageDeprecationCommand)).toHaveLength(1);
  expect(world.inputs(DisableImageCommand)).toHaveLength(1);
});

it('writes down with whom an image is shared before EC2 forgets it', async () => {
  world.has(1, 2);
  const deprecatedAt = new Date(Date.now() - 5 * DAY);
  world.add(10).DeprecationTime = deprecatedAt.toISOString();
  world.home.share({ ImageId: old(10), LaunchPermission: { Add: [{ UserId: '111122223333' }] } });
  world.home.uses.report(old(10), 1);
  await run();
  expect(world.home.permissions.has(old(10))).toBe(false);
  expect(world.journal()).toMatchObject([
    { action: 'disable', outcome: 'done', permissions: [{ UserId: '111122223333' }] },
  ]);
  // Nobody else knows: it does not expire.
  expect(world.journal()[0]).not.toHaveProperty('expiresAt');
});

it('an image that was disabled, but not marked so, is marked by the next run', async () => {
  world.has(1, 2);
  world.add(10).DeprecationTime = new Date(Date.now() - 5 * DAY).toISOString();
  const error = ec2Error('RequestLimitExceeded');
  world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'CreateTags' });
  await expect(run()).rejects.toThrow(`${old(10)}: RequestLimitExceeded`);
  await run();
  expect(world.inputs(DisableImageCommand)).toHaveLength(1);
  expect(world.tagsOf(old(10))).toHaveProperty('amity:disabled-at');
});

it('a name’s own policy, and an image’s own age, count instead', async () => {
  for (const age of [0, 3, 4]) world.add(age, {}, 'nightly-api');
  world.add(7, { tags: { 'amity:retention-days': '6' } });
  world.has(1, 2);
  await run();
  expect(world.home.deregistered).toEqual([old(4), old(3)]);
  expect(told()).toMatchObject({
    deleted: [{ imageId: old(4) }, { imageId: old(3) }],
    deprecated: [{ imageId: old(7) }],
  });
});
