import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/schedule/clean-up.ts';
import { once } from '../../support/calls.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { DAY, MINUTE, passes, stopClock } from '../../support/clock.ts';
import { lambdaContext, NOW } from '../../support/events.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  world.has(1, 2);
});
const ages = (count: number) => Array.from({ length: count }, (_, index) => 20 + index);
/** One call of the state machine's. */
const call = (more: object = {}) =>
  handler({ runId: 'run', startedAt: NOW.toISOString(), ...more }, lambdaContext({ remainingMs: 900_000 }));
const reports = () => world.bus.of('AmiCleaned');
/** The function's time ends with the first deletion, and with the first of each so many afterwards. */
const timeEnds = () => world.calls.before('DeregisterImage', () => passes(14 * MINUTE));

describe('a run of several calls', () => {
  it('goes on where the one before ended, and is told once, whole', async () => {
    world.has(...ages(25));
    timeEnds();
    expect(await call()).toEqual({ done: false, report: undefined });
    expect(world.home.deregistered).toHaveLength(10);
    expect(reports()).toEqual([]);
    timeEnds();
    expect(await call()).toMatchObject({ done: false });
    expect(await call()).toMatchObject({ done: true, report: { counts: { deleted: 25 }, failed: [] } });
    expect(reports()).toMatchObject([{ runId: 'run', counts: { deleted: 25, failed: 0 } }]);
    expect(new Set(world.home.deregistered).size).toBe(25);
  });

  it('never deletes more than the cap, over all calls', async () => {
    world.has(...ages(70));
    for (let calls = 0; calls < 8; calls += 1) {
      timeEnds();
      await call();
    }
    expect(world.home.deregistered).toHaveLength(50);
    expect(reports().at(-1)).toMatchObject({ counts: { deleted: 50, kept: 20 } });
  });

  it('does not try again what has failed, and tells it', async () => {
    world.has(20, 30);
    world.home.image(old(30)).DeregistrationProtection = 'enabled';
    // EC2 does not always show it.
    world.calls.before('DescribeImages', () => {
      world.home.image(old(30)).DeregistrationProtection = undefined;
    });
    world.calls.before('DeregisterImage', () => {
      world.home.image(old(30)).DeregistrationProtection = 'enabled';
    });
    expect(await call()).toMatchObject({
      done: true,
      report: { failed: [{ code: 'OperationNotPermitted' }] },
    });
    await call();
    expect(world.calls.count('DeregisterImage')).toBe(2);
    expect(reports().map(({ counts }) => counts)).toEqual(
      Array.from({ length: 2 }, () => ({ deleted: 1, kept: 0, failed: 1 })),
    );
  });

  it('that died after a deletion tells it as deleted', async () => {
    world.has(20, 30);
    // The second writing, after the deletions, is lost.
    let writings = 0;
    world.calls.faults = (name) => {
      if (name !== 'BatchWrite') return undefined;
      writings += 1;
      return writings === 2 ? { when: 'before', how: 'throws' } : undefined;
    };
    await expect(call()).rejects.toThrow('socket hang up');
    expect(world.home.deregistered).toEqual([old(30), old(20)]);
    expect(await call()).toMatchObject({ done: true });
    expect(reports()).toMatchObject([
      {
        counts: { deleted: 2, failed: 0 },
        deleted: [
          { imageId: old(30), snapshotIds: ['snap-00000030'] },
          { imageId: old(20), snapshotIds: ['snap-00000020'] },
        ],
      },
    ]);
  });

  it('that died before it deleted what it had written down deletes it now', async () => {
    world.has(20);
    world.calls.faults = once({ when: 'after', how: 'throws' }, { name: 'BatchWrite' });
    await expect(call()).rejects.toThrow();
    expect(world.home.deregistered).toEqual([]);
    await call();
    expect(world.home.deregistered).toEqual([old(20)]);
  });

  it('counts ages from when it began, however late a call is', async () => {
    world.has(13);
    passes(3 * DAY);
    await call();
    expect(world.home.deregistered).toEqual([]);
  });

  it('the last call tells what was done, whatever is left', async () => {
    world.has(...ages(15));
    timeEnds();
    await call();
    timeEnds();
    expect(await call({ last: true })).toMatchObject({ done: true, report: { counts: { deleted: 15 } } });
    world.has(...ages(5).map((age) => age + 100));
    const late = await handler({ runId: 'run', last: true }, lambdaContext({ remainingMs: MINUTE }));
    expect(late).toMatchObject({ done: true, report: { counts: { deleted: 15, kept: 5 } } });
    expect(reports().at(-1)?.kept).toMatchObject(Array.from({ length: 5 }, () => ({ reason: 'time' })));
  });

  it('answers with twenty failures at most, and reports them all', async () => {
    world.has(...ages(25));
    world.calls.faults = (name) =>
      name === 'DeregisterImage' ? { when: 'before', how: 'throws' } : undefined;
    const { report } = await call();
    expect(report?.failed).toHaveLength(20);
    expect(reports()).toMatchObject([{ counts: { failed: 25 } }]);
  });

  it.each([
    null,
    'run',
    { last: 'yes' },
    { runId: 7 },
    { startedAt: 'yesterday' },
    { apply: { 'ami-1': 'burn' } },
  ])('a call that is none: %j', async (event) => {
    world.has(20);
    await expect(handler(event, lambdaContext())).rejects.toThrow();
    expect(world.calls.names).toEqual([]);
  });
});

describe('the switch', () => {
  it.each(['off', undefined])('that says %j keeps everything, and says so', async (value) => {
    world.has(20, 30);
    world.deletion = value;
    await call();
    expect(world.home.deregistered).toEqual([]);
    expect(reports()[0]?.kept).toMatchObject(
      Array.from({ length: 2 }, () => ({ reason: expect.stringContaining('/amity/deletion is') })),
    );
  });

  it('stops a run in the middle', async () => {
    world.has(...ages(25));
    world.calls.before('DeregisterImage', () => {
      world.deletion = 'off';
      passes(5_000);
    });
    expect(await call()).toMatchObject({ done: true, report: { counts: { deleted: 10, kept: 15 } } });
  });
});

describe('a saved plan', () => {
  const apply = (plan: Record<string, string>) => call({ runId: 'apply-1', apply: plan });

  it('is carried out, and nothing else', async () => {
    world.has(20, 30, 40);
    expect(await apply({ [old(30)]: 'delete' })).toMatchObject({ done: true });
    expect(world.home.deregistered).toEqual([old(30)]);
    expect(reports()).toMatchObject([
      { runId: 'apply-1', trigger: 'apply', counts: { deleted: 1, kept: 0 } },
    ]);
  });

  it.each<[string, () => void, string]>([
    [
      'is used now',
      () => world.home.uses.references.set(old(30), ['arn:aws:ec2:r:a:instance/i-1']),
      'in use: instance/i-1',
    ],
    [
      'is kept now',
      () => world.home.createTags({ Resources: [old(30)], Tags: [{ Key: 'amity:keep', Value: '' }] }),
      'tag amity:keep',
    ],
    [
      'has become young',
      () =>
        world.home.createTags({
          Resources: [old(30)],
          Tags: [{ Key: 'amity:restored-at', Value: NOW.toISOString() }],
        }),
      'young',
    ],
  ])('what %s is skipped, with its reason', async (_, meanwhile, reason) => {
    world.has(20, 30);
    meanwhile();
    await apply({ [old(30)]: 'delete', [old(20)]: 'delete' });
    expect(world.home.deregistered).toEqual([old(20)]);
    expect(reports()).toMatchObject([{ kept: [{ imageId: old(30), reason }] }]);
  });

  it.each(['deprecate', 'disable'])(
    'what was to %s, and would be deleted now, is skipped and told',
    async (action) => {
      world.has(20);
      expect(await apply({ [old(20)]: action })).toMatchObject({
        report: { counts: { deleted: 0, kept: 1 } },
      });
      expect(world.home.image(old(20))).toMatchObject({ State: 'available' });
      expect(reports()).toMatchObject([
        { kept: [{ imageId: old(20), reason: `the plan was to ${action}, now to delete` }] },
      ]);
    },
  );

  it('what was to be deprecated, and is kept now, is told too', async () => {
    world.has(20);
    world.home.createTags({ Resources: [old(20)], Tags: [{ Key: 'amity:keep', Value: 'yes' }] });
    await apply({ [old(20)]: 'deprecate' });
    expect(reports()).toMatchObject([{ kept: [{ imageId: old(20), reason: 'tag amity:keep' }] }]);
  });

  it('what is gone is nobody’s to tell', async () => {
    expect(await apply({ [old(30)]: 'delete' })).toEqual({ done: true, report: undefined });
    expect(world.bus.published).toEqual([]);
  });

  it('goes beyond the cap and the share: somebody has read how much it is', async () => {
    world.has(...ages(60));
    await apply(Object.fromEntries(ages(60).map((age) => [old(age), 'delete'])));
    expect(world.home.deregistered).toHaveLength(60);
  });

  it('stops at the switch all the same', async () => {
    world.has(20);
    world.deletion = 'off';
    await apply({ [old(20)]: 'delete' });
    expect(world.home.deregistered).toEqual([]);
  });
});
