import { beforeEach, expect, it } from 'vitest';
import { deletionSwitch } from '../../shared/aws/deletion-switch.ts';
import { ec2Error } from '../support/aws-errors.ts';
import { CleanUpWorld } from '../support/clean-up-world.ts';
import { passes, stopClock } from '../support/clock.ts';

stopClock();
let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
});

it.each([
  ['on', undefined],
  ['off', '/amity/deletion is off'],
  ['ON', '/amity/deletion is ON'],
  ['on ', '/amity/deletion is on '],
  ['', '/amity/deletion is empty'],
  [undefined, '/amity/deletion is empty'],
])('%j', async (value, why) => {
  world.deletion = value;
  expect(await deletionSwitch()()).toBe(why);
});

it.each([ec2Error('ParameterNotFound'), ec2Error('AccessDeniedException'), new Error('timeout')])(
  'what cannot be read is off: %s',
  async (error) => {
    world.calls.faults = () => ({ when: 'before', how: 'throws', error });
    expect(await deletionSwitch()()).toBe('/amity/deletion is unreadable');
  },
);

it('is looked at again after 5 s, and not before', async () => {
  const whyOff = deletionSwitch();
  expect(await whyOff()).toBeUndefined();
  world.deletion = 'off';
  passes(4_999);
  expect(await whyOff()).toBeUndefined();
  expect(world.calls.count('GetParameter')).toBe(1);
  passes(1);
  expect(await whyOff()).toBe('/amity/deletion is off');
  world.deletion = 'on';
  passes(5_000);
  expect(await whyOff()).toBeUndefined();
});

it('each run looks for itself', async () => {
  await deletionSwitch()();
  world.deletion = 'off';
  expect(await deletionSwitch()()).toBe('/amity/deletion is off');
});
