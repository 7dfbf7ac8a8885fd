import { beforeEach, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-available/clean-up.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { stopClock } from '../../support/clock.ts';
import { example, lambdaContext, sqsRecord } from '../../support/events.ts';
import { CleanUpWorld } from '../../support/fake-deletions.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
});
const available = () => sqsRecord(example('ami-available'), { messageId: 'one' });

it('deletes older images of that instance name only', async () => {
  world.has(0, 1, 20);
  for (const age of [2, 3, 40]) world.add(age, {}, 'service-worker');
  for (const age of [4, 5, 50]) world.add(age, {}, 'service-api-2');
  expect(await deliver(handler, [available()])).toEqual([]);
  expect(world.deregistered).toEqual(['ami-00000020']);
  expect(world.bus.of('AmiCleaned')).toMatchObject([
    { trigger: 'available', instanceName: 'service-api', counts: { deleted: 1, kept: 0, failed: 0 } },
  ]);
});

it.each(['*', 'service-*', 'service-ap?'])('a name such as %s names itself only', async (instanceName) => {
  world.has(1, 2, 20);
  const detail = { ...(example('ami-available').detail as object), instanceName };
  expect(await deliver(handler, [example('ami-available', { detail })])).toEqual([]);
  expect(world.deregistered).toEqual([]);
});

it('an old event after a newer one acts on what is there now', async () => {
  world.has(0, 1);
  expect(await deliver(handler, [available()])).toEqual([]);
  expect(world.deregistered).toEqual([]);
  expect(world.bus.published).toEqual([]);
});

it('reports what failed and leaves it to the daily run', async () => {
  world.has(0, 1, 20);
  const error = ec2Error('OperationNotPermitted');
  world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'DeregisterImage' });
  expect(await deliver(handler, [available()])).toEqual([]);
  expect(world.bus.of('AmiCleaned')).toMatchObject([{ failed: [{ code: 'OperationNotPermitted' }] }]);
});

it.each(['DescribeImages', 'PutEvents'])('%s down: the event again later', async (name) => {
  world.has(0, 1, 20);
  world.calls.faults = (each) => (each === name ? { when: 'before', how: 'throws' } : undefined);
  expect(await deliver(handler, [available()])).toEqual(['one']);
  world.calls.faults = () => undefined;
  expect(await deliver(handler, [available()])).toEqual([]);
  expect(world.deregistered).toEqual(['ami-00000020']);
});

it('stops in time for its report', async () => {
  world.has(0, 1, 20);
  await deliver(handler, [available()], lambdaContext({ remainingMs: 15_000 }));
  expect(world.deregistered).toEqual([]);
  expect(world.bus.of('AmiCleaned')).toMatchObject([{ kept: [{ reason: 'time' }] }]);
});
