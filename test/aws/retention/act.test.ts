import { DescribeImageReferencesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Acting } from '../../../shared/aws/retention/acting.ts';
import { runOn, uncapped } from '../../support/acting.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { DAY, stopClock } from '../../support/clock.ts';
import { NOW } from '../../support/events.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  world.has(1, 2);
});

const run = (overrides?: Partial<Acting>, meanwhile?: () => void) => runOn(world, overrides, meanwhile);
const ages = (count: number, from = 20) =>
  Array.from({ length: count }, (_, index) => from + count - 1 - index);

describe('ten at a time', () => {
  it('asks, writes down, deletes, writes down', async () => {
    world.has(...ages(12));
    await run();
    const some = (name: string, count: number) => Array.from({ length: count }, () => name);
    expect(world.calls.names.filter((name) => !/^Describe(?!ImageReferences)|Tags/.test(name))).toEqual([
      'DescribeImageReferences',
      'BatchWrite',
      ...some('DeregisterImage', 10),
      'BatchWrite',
      'DescribeImageReferences',
      'BatchWrite',
      ...some('DeregisterImage', 2),
      'BatchWrite',
    ]);
    const asked = world.inputs(DescribeImageReferencesCommand).map(({ ImageIds }) => ImageIds);
    expect(asked).toEqual([ages(12).slice(0, 10).map(old), [old(21), old(20)]]);
  });

  it('writes what it takes to undo it before it does it, and how it went afterwards', async () => {
    world.add(20, { tags: { commit: '9fceb02' } });
    world.home.permissions.set(old(20), [{ UserId: '111122223333' }]);
    world.home.uses.report(old(20), 1);
    let before: unknown;
    world.calls.before('DeregisterImage', () => {
      [before] = structuredClone(world.journal());
    });
    await run();
    const tags = { 'amity:instance-name': 'service-api', commit: '9fceb02' };
    const undoing = {
      runId: 'run',
      id: old(20),
      region: 'us-east-1',
      action: 'delete',
      at: NOW.toISOString(),
      tags,
      snapshotIds: ['snap-00000020'],
      snapshotTags: { 'snap-00000020': tags },
      permissions: [{ UserId: '111122223333' }],
      expiresAt: (NOW.getTime() + (7 + 90) * DAY) / 1000,
    };
    expect(before).toMatchObject(undoing);
    expect(before).not.toHaveProperty('outcome');
    expect(world.journal()).toMatchObject([{ ...undoing, outcome: 'done', deleted: ['snap-00000020'] }]);
  });

  it('does nothing that cannot be written down', async () => {
    world.has(20);
    world.calls.faults = (name) => (name === 'BatchWrite' ? { when: 'before', how: 'throws' } : undefined);
    await expect(run()).rejects.toThrow('socket hang up');
    expect(world.home.deregistered).toEqual([]);
  });

  it('looks at the images themselves again every hundred', async () => {
    world.has(...ages(101));
    await run({ mostDeletions: 200 });
    expect(world.calls.count('DescribeImages')).toBe(2);
    expect(world.home.deregistered).toHaveLength(101);
  });
});

describe('what has changed since the plan', () => {
  it.each<[string, () => void, string]>([
    [
      'is kept by a tag now',
      () => world.home.createTags({ Resources: [old(30)], Tags: [{ Key: 'amity:keep', Value: 'yes' }] }),
      'tag amity:keep',
    ],
    [
      'is protected now',
      () => Object.assign(world.home.image(old(30)), { DeregistrationProtection: 'enabled' }),
      'deregistration protection',
    ],
    [
      'is used now',
      () => world.home.uses.references.set(old(30), ['arn:aws:ec2:r:a:instance/i-1']),
      'in use: instance/i-1',
    ],
    [
      'was brought back',
      () =>
        world.home.createTags({
          Resources: [old(30)],
          Tags: [{ Key: 'amity:restored-at', Value: NOW.toISOString() }],
        }),
      'young',
    ],
    [
      'is another service’s now',
      () => world.home.createTags({ Resources: [old(30)], Tags: [{ Key: 'aws:backup:x', Value: 'y' }] }),
      'owned by AWS Backup',
    ],
  ])('%s: it stays', async (_, meanwhile, reason) => {
    world.has(30, 20);
    expect((await run({}, meanwhile)).reasons).toEqual([[old(30), reason]]);
    expect(world.home.deregistered).toEqual([old(20)]);
    expect(world.journal()).toHaveLength(1);
  });

  it('asks for another stage now: left for the next run', async () => {
    world.has(30);
    const retention = { ...uncapped, deprecateDays: 5 };
    const { reasons } = await run({ retention }, () => {
      world.home.image(old(30)).DeprecationTime = new Date(NOW.getTime() - 25 * DAY).toISOString();
    });
    expect(reasons).toEqual([[old(30), 'changed meanwhile']]);
    expect(world.journal()).toEqual([]);
  });

  it('is gone, with its snapshots: somebody else’s to tell', async () => {
    world.has(30, 20);
    const { kept } = await run({}, () => {
      world.home.deregister({ ImageId: old(30), DeleteAssociatedSnapshots: true });
      world.home.deregistered.length = 0;
    });
    expect(kept).toEqual([]);
    expect(world.home.deregistered).toEqual([old(20)]);
    expect(world.journal()).toMatchObject([{ id: old(20), outcome: 'done' }]);
  });
});

describe('the cap', () => {
  it('counts what is really deleted: images in use do not starve the others', async () => {
    world.has(...ages(30));
    for (const age of ages(20, 30)) world.home.uses.references.set(old(age), ['arn:aws:ec2:r:a:x/1']);
    const { reasons } = await run({ mostDeletions: 4 });
    expect(world.home.deregistered).toEqual([29, 28, 27, 26].map(old));
    expect(reasons.slice(0, 20)).toEqual(ages(20, 30).map((age) => [old(age), 'in use: x/1']));
    expect(reasons.slice(20)).toEqual([25, 24, 23, 22, 21, 20].map((age) => [old(age), 'cap']));
  });

  it('holds deletions alone: other stages go on', async () => {
    const deprecated = new Date(NOW.getTime() - 25 * DAY).toISOString();
    for (const age of ages(12, 30)) world.add(age).DeprecationTime = deprecated;
    world.has(20, 19);
    const { reasons } = await run({ mostDeletions: 2, retention: { ...uncapped, deprecateDays: 5 } });
    expect(world.home.deregistered).toEqual([old(41), old(40)]);
    expect(reasons).toEqual(ages(10, 30).map((age) => [old(age), 'cap']));
    expect(world.home.image(old(19)).DeprecationTime).toBeDefined();
  });

  it('that is used up asks nobody any more', async () => {
    world.has(20, 30);
    await run({ mostDeletions: 0 });
    expect(world.calls.names).toEqual([]);
  });
});

describe('stops', () => {
  it('at the switch, between ten and ten', async () => {
    world.has(...ages(25));
    let looks = 0;
    const switchedOff = async () => {
      looks += 1;
      return looks > 1 ? '/amity/deletion is off' : undefined;
    };
    const { reasons, outOfTime } = await run({ switchedOff });
    expect(world.home.deregistered).toHaveLength(10);
    expect(reasons).toEqual(ages(15).map((age) => [old(age), '/amity/deletion is off']));
    expect(outOfTime).toBe(false);
  });

  it('when time is over', async () => {
    world.has(...ages(25));
    const hasTime = () => world.home.deregistered.length < 20;
    const { reasons, outOfTime } = await run({ hasTime });
    expect(world.home.deregistered).toHaveLength(20);
    expect(reasons).toEqual(ages(5).map((age) => [old(age), 'time']));
    expect(outOfTime).toBe(true);
  });

  it('when references cannot be read any more, and says which', async () => {
    world.has(...ages(25));
    const error = ec2Error('UnauthorizedOperation', 'not you');
    world.calls.faults = (name) =>
      name === 'DescribeImageReferences' && world.home.deregistered.length > 0
        ? { when: 'before', how: 'throws', error }
        : undefined;
    const { reasons, unread } = await run();
    expect(world.home.deregistered).toHaveLength(10);
    expect([...unread]).toEqual(['image references: UnauthorizedOperation: not you']);
    expect(reasons).toHaveLength(15);
    expect(reasons[0]?.[1]).toContain('references unreadable: image references');
    expect(reasons.at(-1)).toEqual([old(20), 'references unreadable']);
  });
});
