import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-available/clean-up.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { passes, stopClock } from '../../support/clock.ts';
import { example, lambdaContext, sqsRecord } from '../../support/events.ts';
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
  expect(world.home.deregistered).toEqual([old(20)]);
  expect(world.bus.of('AmiCleaned')).toMatchObject([
    { trigger: 'available', instanceName: 'service-api', counts: { deleted: 1, kept: 0, failed: 0 } },
  ]);
});

it.each(['*', 'service-*', 'service-ap?'])('a name such as %s names itself only', async (instanceName) => {
  world.has(1, 2, 20);
  const detail = { ...(example('ami-available').detail as object), instanceName };
  expect(await deliver(handler, [example('ami-available', { detail })])).toEqual([]);
  expect(world.home.deregistered).toEqual([]);
});

it('an old event after a newer one acts on what is there now', async () => {
  world.has(0, 1);
  expect(await deliver(handler, [available()])).toEqual([]);
  expect(world.home.deregistered).toEqual([]);
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
  expect(world.home.deregistered).toEqual(['ami-00000020']);
});

describe('a run that outlives its function', () => {
  const many = Array.from({ length: 25 }, (_, index) => 20 + index);

  it('is gone on with by the next delivery, and told once, whole', async () => {
    world.has(0, 1, ...many);
    world.calls.before('DeregisterImage', () => passes(31_000));
    expect(await deliver(handler, [available()])).toEqual(['one']);
    expect(world.queue.hidden).toMatchObject([{ seconds: 1 }]);
    expect(world.home.deregistered).toHaveLength(10);
    expect(world.bus.published).toEqual([]);
    expect(await deliver(handler, [available()])).toEqual([]);
    expect(world.bus.of('AmiCleaned')).toMatchObject([{ runId: 'one', counts: { deleted: 25, failed: 0 } }]);
  });

  it('touches nothing where there is no time at all', async () => {
    world.has(0, 1, 20);
    const context = lambdaContext({ remainingMs: 15_000 });
    expect(await deliver(handler, [available()], context)).toEqual(['one']);
    expect(world.home.deregistered).toEqual([]);
  });

  it('is told again, the same, when its message comes once more', async () => {
    world.has(0, 1, 20);
    await deliver(handler, [available()]);
    await deliver(handler, [available()]);
    const [first, second] = world.bus.of('AmiCleaned');
    expect(second).toEqual(first);
    expect(world.home.deregistered).toEqual([old(20)]);
  });
});

it('cleans the region of the image, and looks for copies in all', async () => {
  world.add(20, {}, 'service-api', 'eu-west-1');
  for (const age of [0, 1, 21]) world.add(age, {}, 'service-api', 'eu-west-1');
  world.has(0, 1, 30);
  const detail = { ...(example('ami-available').detail as object), region: 'eu-west-1' };
  expect(await deliver(handler, [example('ami-available', { detail })])).toEqual([]);
  expect(world.home.deregistered).toEqual([]);
  expect(world.region('eu-west-1').deregistered).toEqual([old(21), old(20)]);
  expect(world.bus.of('AmiCleaned')).toMatchObject([
    { deleted: [{ imageId: old(21), region: 'eu-west-1' }, { imageId: old(20) }] },
  ]);
});
