import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/bake/create-image.ts';
import { BASE_IMAGE } from '../../support/bake-record.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { everyCut, type Fault, once, times } from '../../support/calls.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { lambdaContext, NOW } from '../../support/events.ts';
import { image } from '../../support/fake-ec2.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: BakeWorld;
let requestKey: string;
beforeEach(() => {
  world = new BakeWorld();
  world.builders.add({ state: 'stopped' });
  requestKey = world.knows().key;
});
const create = () =>
  handler(
    {
      requestKey,
      attempt: 1,
      stoppedId: 'i-0b111de7000000001',
      baseImageId: BASE_IMAGE,
      startedAt: NOW.toISOString(),
    },
    lambdaContext({ remainingMs: 60_000 }),
  );
const NAME = 'service-web-Deploy-2025-06-05_12_00';
const lost: Fault = { when: 'after', how: 'throws' };

/** What must hold in the end, however often the workflow has asked. */
function madeOnce(name: string | RegExp = NAME): void {
  expect(world.ec2.images.map(({ Name }) => Name)).toEqual([expect.stringMatching(name)]);
  expect(world.requests).toMatchObject([
    { state: 'created', announced: true, attempt: 1, bake: { baseImageId: BASE_IMAGE } },
  ]);
  // The bus may hear of it twice when the function dies between saying so and writing that down.
  expect(new Set(world.bus.entries.map(({ Detail }) => Detail)).size).toBe(1);
  expect(world.bus.of('AmiCreated')[0]).toMatchObject({ baseImageId: BASE_IMAGE });
}

it('called twice announces once', async () => {
  expect(await create()).toEqual({ created: true });
  expect(await create()).toEqual({ created: true });
  expect(world.told).toEqual(['AmiCreated 1']);
  madeOnce();
});

it('called twice at once makes one image', async () => {
  const answers = await Promise.allSettled([create(), create()]);
  expect(answers.some(({ status }) => status === 'fulfilled')).toBe(true);
  expect(await create()).toEqual({ created: true });
  madeOnce();
});

describe('a crash at any call, then the workflow asks again', () => {
  const CALLS = ['Get', 'CreateImage', 'TransactWrite', 'PutEvents', 'TransactWrite'];
  it.each(everyCut(CALLS))('$how $when call $number, $name', async ({ number, when, how }) => {
    world.calls.faults = once({ when, how }, { number });
    await Promise.race([create().catch(() => undefined), world.calls.died]);
    passes(MINUTE);
    expect(await create()).toEqual({ created: true });
    madeOnce();
  });

  it('covers every call there is', async () => {
    await create();
    expect(world.calls.names).toEqual(CALLS);
  });
});

describe('a lost answer', () => {
  it.each([1, 2, 20])('of CreateImage, %i times in a row: the one image is adopted', async (count) => {
    world.calls.faults = times(count, 'CreateImage', lost);
    expect(await create()).toEqual({ created: true });
    madeOnce();
  });

  it('of CreateImage, then the death of the builder: adopted all the same', async () => {
    world.calls.faults = once({ when: 'after', how: 'dies' }, { name: 'CreateImage' });
    void create();
    await world.calls.died;
    world.ec2.gone.add('i-0b111de7000000001');
    expect(await create()).toEqual({ created: true });
    madeOnce();
  });

  it('of CreateImage, while EC2 does not show the image yet: waited for', async () => {
    world.calls.faults = once(lost, { name: 'CreateImage' });
    let hidden: typeof world.ec2.images = [];
    world.calls.before('DescribeImages', () => {
      hidden = world.ec2.images.splice(0);
      world.ec2.images.push(image({ id: 'ami-0000000000000000f', name: NAME.slice(0, -1) }));
      world.calls.before('CreateImage', () => world.ec2.images.splice(0, 1, ...hidden));
    });
    expect(await create()).toEqual({ created: true });
    madeOnce();
  });

  it('of CreateImage under a second name: that image is found again', async () => {
    world.ec2.images.push(image({ name: NAME, tags: { 'amity:request-id': 'another' } }));
    world.calls.faults = (name) =>
      name === 'CreateImage' && world.calls.count('CreateImage') === 2
        ? { when: 'after', how: 'dies' }
        : undefined;
    void create();
    await world.calls.died;
    // The other's name is free again: what was written down holds.
    world.ec2.images.shift();
    expect(await create()).toEqual({ created: true });
    madeOnce(new RegExp(`^${NAME}-[0-9a-f]{6}$`));
  });

  it('of an earlier attempt: what is adopted says itself what it was baked from', async () => {
    const [earlier, tags] = ['ami-0ba5e000000000001', { 'amity:request-id': 'one' }];
    const based = { ...tags, 'amity:instance-name': 'service-web', 'amity:base-image': earlier };
    world.ec2.images.push(image({ name: NAME, state: 'pending', tags: based }));
    expect(await create()).toEqual({ created: true });
    expect(world.bus.of('AmiCreated')).toMatchObject([{ baseImageId: earlier }]);
  });

  it('of PutEvents, in every round: thrown, and announced again in the same words', async () => {
    world.calls.faults = times(4, 'PutEvents', lost);
    await expect(create()).rejects.toThrow('events refused');
    expect(world.requests).toMatchObject([{ state: 'created', announced: false }]);
    expect(await create()).toEqual({ created: true });
    madeOnce();
  });
});

describe('somebody else writes the record meanwhile', () => {
  const writes = (overrides: object) => () => {
    const key = `requests/${requestKey}`;
    const known = world.table.items.get(key);
    world.table.items.set(key, { ...known, version: Number(known?.version) + 1, ...overrides });
  };

  it('a duplicate of the request: thrown, and the image is adopted when asked again', async () => {
    world.calls.before('CreateImage', writes({ owner: 'second' }));
    await expect(create()).rejects.toThrow('wrote first');
    expect(world.told).toEqual([]);
    expect(await create()).toEqual({ created: true });
    madeOnce();
  });

  it('a duplicate that is at work when the image gets its second name: later', async () => {
    world.ec2.images.push(image({ name: NAME, tags: { 'amity:request-id': 'another' } }));
    world.calls.before('DescribeImages', writes({ owner: 'second' }));
    expect(await create()).toEqual({ created: false });
    expect(await create()).toEqual({ created: true });
    expect(world.told).toEqual(['AmiCreated 1']);
  });

  it('a waiter that is quicker than the last write here is not overruled', async () => {
    world.bus.refuses = () => {
      writes({ state: 'available', announced: true })();
      return false;
    };
    expect(await create()).toEqual({ created: true });
    expect(world.requests).toMatchObject([{ state: 'available' }]);
    expect(await create()).toEqual({ created: true });
    expect(world.told).toEqual(['AmiCreated 1']);
  });
});
