import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CleanUpWorld, old } from '../support/clean-up-world.ts';
import { MINUTE, passes, stopClock } from '../support/clock.ts';
import { file, run } from '../support/command.ts';

vi.mock('../../shared/runtime/sleep.ts', () => import('../support/fake-sleep.ts'));
vi.mock('node:timers/promises', () => ({ setTimeout: waits }));
const { waits } = vi.hoisted(() => ({ waits: vi.fn(async (_ms: number) => undefined) }));
stopClock();

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  waits.mockReset().mockImplementation(async (ms) => passes(ms) as undefined);
});
const config = () => ['--config', file('amity.config.json', {})];
const restore = (...args: string[]) => run('restore', ...args, ...config());
const brought = (age: number, at = new Date(), region = 'us-east-1') =>
  world.add(age, { tags: { 'amity:restored-at': at.toISOString() } }, 'service-api', region);

describe('npm run restore', () => {
  it('asks for each image, and says when it is in service', async () => {
    brought(20);
    brought(30);
    const { out, exitCode } = await restore(old(20), old(30));
    expect(world.bus.published).toEqual([
      { type: 'AmiRestoreRequested', detail: { imageId: old(20), region: 'us-east-1' } },
      { type: 'AmiRestoreRequested', detail: { imageId: old(30), region: 'us-east-1' } },
    ]);
    expect(out).toBe([20, 30].map((age) => `${old(age)} name-of-${old(age)} is in service again`).join('\n'));
    expect(exitCode).toBeUndefined();
  });

  it('waits until it is', async () => {
    const asked = Date.now();
    waits.mockImplementation(async () => {
      passes(2_000);
      if (waits.mock.calls.length === 3) brought(20);
      return undefined;
    });
    expect((await restore(old(20))).out).toContain('is in service again');
    expect(Date.now() - asked).toBe(6_000);
  });

  it('in another region', async () => {
    brought(20, new Date(), 'eu-west-1');
    await restore(old(20), '--region', 'eu-west-1');
    expect(world.bus.of('AmiRestoreRequested')).toEqual([{ imageId: old(20), region: 'eu-west-1' }]);
    expect(world.calls.names).toContain('eu-west-1/DescribeImages');
  });

  it.each<[string, () => void]>([
    ['is not there', () => undefined],
    ['was never restored', () => world.has(20)],
    ['was restored an hour ago', () => brought(20, new Date(Date.now() - 60 * MINUTE))],
    ['is still disabled', () => Object.assign(brought(20), { State: 'disabled' })],
  ])('gives up on an image that %s, after three minutes', async (_, is) => {
    is();
    const asked = Date.now();
    const { err, exitCode } = await restore(old(20));
    expect(err).toContain(`${old(20)} is not in service yet`);
    expect(exitCode).toBe(1);
    expect(Date.now() - asked).toBe(3 * MINUTE);
  });

  it.each([
    ['no image', [], 'Name the images'],
    ['no image id', ['snap-00000020'], 'must be an image id'],
    ['one that is none among others', [old(20), 'ami-x'], 'must be an image id'],
  ])('%s: nothing is asked for', async (_, ids, why) => {
    const { err, exitCode } = await restore(...ids);
    expect(err).toMatch(/^Nothing was asked for\. /);
    expect(err).toContain(why);
    expect(exitCode).toBe(1);
    expect(world.bus.published).toEqual([]);
  });
});
