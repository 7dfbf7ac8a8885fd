import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/bake/tear-down.ts';
import { log } from '../../../shared/runtime/log.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { times } from '../../support/calls.ts';
import { lambdaContext } from '../../support/events.ts';

let world: BakeWorld;
beforeEach(() => {
  world = new BakeWorld();
  vi.spyOn(log, 'warn');
});
afterEach(() => {
  vi.restoreAllMocks();
});
const id = 'i-0b111de7000000001';
const tearDown = (look: number, hasFailed = false) =>
  handler({ bake: 'bake-1', look, hasFailed }, lambdaContext());
const logged = () => vi.mocked(log.warn).mock.calls.map(([, facts]) => facts);

it('takes the builder away, and says when nothing is left', async () => {
  world.builders.slowness = 1;
  world.builders.add();
  expect(await tearDown(1)).toEqual({ isGone: false });
  expect(world.builders.alive).toEqual([]);
  expect(await tearDown(2)).toEqual({ isGone: false });
  expect(await tearDown(3)).toEqual({ isGone: false });
  expect(await tearDown(4)).toEqual({ isGone: true });
});

it('takes every builder of the bake away', async () => {
  world.builders.add({ id: 'i-1' });
  world.builders.add({ id: 'i-2', state: 'stopped' });
  await tearDown(1);
  expect(world.builders.alive).toEqual([]);
});

it('has no interest in the console of one that did well', async () => {
  world.builders.add();
  world.builders.consoles.set(id, 'fine');
  expect(await tearDown(1)).toEqual({ isGone: false });
  expect(world.calls.names).not.toContain('GetConsoleOutput');
  expect(logged()).toEqual([]);
});

describe('the console of one that failed', () => {
  beforeEach(() => {
    world.builders.add();
    world.builders.consoles.set(id, 'dnf: no such package');
  });

  it('is kept in the log, and told', async () => {
    expect(await tearDown(1, true)).toEqual({ isGone: false, console: 'dnf: no such package' });
    expect(logged()).toEqual([
      {
        bake: 'bake-1',
        builder: expect.objectContaining({ instanceId: id }),
        output: 'dnf: no such package',
      },
    ]);
  });

  it('is read before the builder goes, and once more when it is gone', async () => {
    world.builders.slowness = 1;
    await tearDown(1, true);
    world.builders.consoles.set(id, 'dnf: no such package\nhalted');
    expect(await tearDown(2, true)).toEqual({ isGone: false });
    expect(await tearDown(3, true)).toEqual({ isGone: true, console: 'dnf: no such package\nhalted' });
    expect(world.calls.names.indexOf('GetConsoleOutput')).toBeLessThan(
      world.calls.names.indexOf('TerminateInstances'),
    );
  });

  it('is whole in the log, and its end alone is told', async () => {
    const output = `${'x'.repeat(60_000)}the end`;
    world.builders.consoles.set(id, output);
    const { console } = await tearDown(1, true);
    expect(console).toBe(output.slice(-3_000));
    expect(logged()).toMatchObject([{ output }]);
  });

  it('that is empty is not told', async () => {
    world.builders.consoles.clear();
    expect(await tearDown(1, true)).toEqual({ isGone: false });
    expect(logged()).toEqual([]);
  });

  it('that cannot be read keeps no builder', async () => {
    world.calls.faults = times(9, 'GetConsoleOutput', { when: 'before', how: 'throws' });
    expect(await tearDown(1, true)).toEqual({ isGone: false });
    expect(world.builders.alive).toEqual([]);
  });
});

it('of a bake that never had a builder ends after three looks', async () => {
  expect(await tearDown(1, true)).toEqual({ isGone: false });
  expect(await tearDown(2, true)).toEqual({ isGone: false });
  expect(await tearDown(3, true)).toEqual({ isGone: true });
});

it('one that does not go for half an hour is left to the daily run', async () => {
  const error = vi.spyOn(log, 'error').mockImplementation(() => undefined);
  world.builders.slowness = 999;
  world.builders.add();
  expect(await tearDown(359)).toEqual({ isGone: false });
  expect(error).not.toHaveBeenCalled();
  expect(await tearDown(360)).toEqual({ isGone: true });
  expect(error).toHaveBeenCalledOnce();
});

it.each([{ bake: 'bake-1' }, {}, null])('a question that is none: %o', async (question) => {
  await expect(handler(question, lambdaContext())).rejects.toThrow();
});
