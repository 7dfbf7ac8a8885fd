import { beforeEach, expect, it } from 'vitest';
import { handler } from '../../../handlers/bake/stop-builder.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { once } from '../../support/calls.ts';
import { lambdaContext } from '../../support/events.ts';

let world: BakeWorld;
beforeEach(() => {
  world = new BakeWorld();
});
const id = 'i-0b111de7000000001';
const stop = (look = 1) => handler({ bake: 'bake-1', look }, lambdaContext());

it('stops the builder, and says so once it stands', async () => {
  world.builders.slowness = 1;
  world.builders.add();
  expect(await stop()).toEqual({});
  expect(await stop()).toEqual({});
  expect(await stop()).toEqual({});
  expect(await stop()).toEqual({ stoppedId: id });
  expect(world.calls.count('StopInstances')).toBe(1);
});

it('leaves the builders of other bakes alone', async () => {
  world.builders.add({ id: 'i-other', bake: 'bake-2' });
  world.builders.add();
  await stop();
  expect(world.ec2.instances.map(({ State }) => State?.Name)).toEqual(['running', 'stopping']);
});

it.each(['shutting-down', 'terminated'] as const)('one that is %s was taken away', async (state) => {
  world.builders.add({ state });
  expect(await stop()).toEqual({
    failed: {
      stage: 'stop',
      error: 'builder-gone',
      cause: `The builder ${id} was terminated before it was imaged.`,
    },
  });
});

it('one that EC2 has forgotten likewise', async () => {
  expect(await stop()).toMatchObject({ failed: { stage: 'stop', error: 'builder-gone' } });
});

it('one that does not stop for half an hour is given up', async () => {
  world.builders.add({ state: 'stopping' });
  expect(await stop(360)).toEqual({});
  expect(await stop(361)).toEqual({
    failed: {
      stage: 'stop',
      error: 'bake-error',
      cause: `The builder ${id} is stopping, and does not stop.`,
    },
  });
});

it('one that stands at the last look is imaged all the same', async () => {
  world.builders.add({ state: 'stopped' });
  expect(await stop(361)).toEqual({ stoppedId: id });
});

it.each(['UnauthorizedOperation', 'IncorrectInstanceState'])('%s: thrown, and tried again', async (name) => {
  world.builders.add();
  const error = ec2Error(name);
  world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'StopInstances' });
  await expect(stop()).rejects.toBe(error);
  await stop();
  expect(await stop()).toEqual({});
  expect(await stop()).toEqual({ stoppedId: id });
});

it.each([{}, { bake: 'bake-1' }, null])('a question that is none: %o', async (question) => {
  await expect(handler(question, lambdaContext())).rejects.toThrow();
});
