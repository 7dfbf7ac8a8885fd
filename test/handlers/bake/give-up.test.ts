import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/bake/give-up.ts';
import { spec } from '../../support/bake-record.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { everyCut, once, times } from '../../support/calls.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { lambdaContext } from '../../support/events.ts';
import { image } from '../../support/fake-ec2.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: BakeWorld;
let requestKey: string;
beforeEach(() => {
  world = new BakeWorld();
  requestKey = world.knows().key;
});

const fall = { stage: 'provision', error: 'ScriptFailed', cause: 'exit 3\nno such package' };
const giveUp = (overrides: object = {}) =>
  handler(
    { requestKey, attempt: 1, validates: false, fall, console: 'booted\n', ...overrides },
    lambdaContext(),
  );
const failure = {
  code: 'script-failed',
  message: 'The user data ended with exit code 3.',
  stage: 'provision',
  output: 'no such package',
};
const detail = { requestId: 'one', attempt: 1, instanceName: 'service-web', ...failure };

describe('a bake that failed', () => {
  it('is told once, with its stage and the output', async () => {
    expect(await giveUp()).toEqual({ verdict: 'failed', ...failure });
    expect(await giveUp()).toEqual({ verdict: 'failed', ...failure });
    expect(world.bus.published).toEqual([{ type: 'AmiFailed', detail }]);
    expect(world.requests).toMatchObject([{ state: 'failed', announced: true, failure }]);
  });

  it.each([
    ['a time-out', 'provision', 'States.Timeout', '', 'builder-timeout'],
    ['a builder that died', 'provision', 'builder-gone', 'It is gone.', 'builder-gone'],
    ['no capacity', 'provision', 'no-capacity', 'no room', 'no-capacity'],
    ['an image that is not there', 'base-image', 'base-image-not-found', 'none', 'base-image-not-found'],
    ['a builder that could not be started', 'provision', 'BuilderError', 'what', 'bake-error'],
    ['a function that died', 'create-image', 'Sandbox.Timedout', 'what', 'bake-error'],
    ['a word of the script’s own', 'provision', 'Broken', 'as it says', 'script-failed'],
  ])('%s: told in our code, with the end of the console', async (_, stage, error, cause, code) => {
    await giveUp({ fall: { stage, error, cause } });
    expect(world.bus.of('AmiFailed')).toMatchObject([{ stage, code, output: 'booted\n' }]);
  });

  it('without a console has no output', async () => {
    await giveUp({ fall: { ...fall, error: 'States.Timeout' }, console: '' });
    expect(world.bus.of('AmiFailed')[0]).not.toHaveProperty('output');
  });

  it('and was given up by somebody else, or tried again, is not told again', async () => {
    const ended = { code: 'bake-error', message: 'aborted' } as const;
    world.knows({ state: 'failed', announced: true, failure: ended });
    expect(await giveUp()).toMatchObject({ verdict: 'failed' });
    world.knows({ attempt: 2 });
    expect(await giveUp()).toMatchObject({ verdict: 'failed' });
    expect(world.told).toEqual([]);
    expect(world.requests).toMatchObject([{ state: 'creating', attempt: 2 }]);
  });

  it.each(['created', 'available'] as const)('after its image was %s is not told', async (state) => {
    world.knows({ state, announced: true, imageId: 'ami-00000000000000001' });
    await giveUp();
    expect(world.told).toEqual([]);
    expect(world.requests).toMatchObject([{ state }]);
  });

  it('after its image was recorded, but not announced: that is told', async () => {
    world.knows({ state: 'created', imageId: 'ami-00000000000000001' });
    await giveUp();
    expect(world.told).toEqual(['AmiCreated 1']);
  });
});

describe('an image that was begun without our knowing', () => {
  const tags = { 'amity:request-id': 'one', 'amity:instance-name': 'service-web' };
  const NAME = 'service-web-Deploy-2025-06-05_12_00';

  it.each(['pending', 'available'])('and is %s counts: it is announced, and no failure', async (state) => {
    const begun = { ...image({ name: NAME, state, tags }), SourceInstanceId: 'i-0b111de7' };
    world.ec2.images.push(begun);
    await giveUp();
    expect(world.bus.published).toMatchObject([
      { type: 'AmiCreated', detail: { imageId: begun.ImageId, instanceId: 'i-0b111de7' } },
    ]);
    expect(world.requests).toMatchObject([{ state: 'created', announced: true }]);
  });

  it('is announced with what it was baked from', async () => {
    const based = { ...tags, 'amity:base-image': 'ami-0ba5e000000000000' };
    world.ec2.images.push(image({ name: NAME, state: 'pending', tags: based }));
    await giveUp();
    expect(world.bus.of('AmiCreated')).toMatchObject([{ baseImageId: 'ami-0ba5e000000000000' }]);
  });

  it.each([
    ['failed', { state: 'failed', tags }],
    ['another request’s', { tags: { ...tags, 'amity:request-id': 'another' } }],
  ])('but is %s does not', async (_, facts) => {
    world.ec2.images.push(image({ name: NAME, ...facts }));
    await giveUp();
    expect(world.told).toEqual(['AmiFailed 1']);
  });
});

describe('of a validation', () => {
  it('nothing is told here: the waiter does that, which has its image', async () => {
    world.knows({ state: 'created', announced: true, bake: spec({ validate: '#!/bin/sh\n' }) });
    expect(await giveUp({ validates: true, fall: { ...fall, stage: 'validate' } })).toEqual({
      verdict: 'failed',
      code: 'validation-failed',
      message: 'The validation ended with exit code 3.',
      stage: 'validate',
      output: 'no such package',
    });
    expect(world.told).toEqual([]);
    expect(world.requests).toMatchObject([{ state: 'created' }]);
  });
});

describe('a crash at any call, then the workflow asks again', () => {
  const CALLS = ['Get', 'Get', 'DescribeImages', 'Put', 'PutEvents', 'Put'];
  it.each(everyCut(CALLS))('$how $when call $number, $name', async ({ number, when, how }) => {
    world.calls.faults = once({ when, how }, { number });
    await Promise.race([giveUp().catch(() => undefined), world.calls.died]);
    passes(MINUTE);
    expect(await giveUp()).toMatchObject({ verdict: 'failed', code: 'script-failed' });
    expect(world.requests).toMatchObject([{ state: 'failed', announced: true, attempt: 1, failure }]);
    // The bus may hear of it twice when the function dies between saying so and writing that down.
    expect(new Set(world.bus.entries.map(({ Detail }) => Detail)).size).toBe(1);
    expect(world.bus.of('AmiFailed')[0]).toEqual(detail);
  });

  it('covers every call there is', async () => {
    await giveUp();
    expect(world.calls.names).toEqual(CALLS);
  });

  it('PutEvents lost in every round: thrown, and told again in the same words', async () => {
    world.calls.faults = times(4, 'PutEvents', { when: 'after', how: 'throws' });
    await expect(giveUp()).rejects.toThrow('events refused');
    await giveUp();
    expect(new Set(world.bus.entries.map(({ Detail }) => Detail)).size).toBe(1);
  });

  it('somebody else wrote first: thrown, and asked again', async () => {
    world.calls.before('DescribeImages', () => {
      world.knows({ version: 2, owner: 'second' });
    });
    await expect(giveUp()).rejects.toThrow('wrote first');
    expect(world.told).toEqual([]);
    await giveUp();
    expect(world.told).toEqual(['AmiFailed 1']);
  });
});

it.each([{ fall: { ...fall, stage: 'lunch' } }, { attempt: '1' }, { requestKey: 'request#nobody' }])(
  'a call that is none: %o',
  async (overrides) => {
    await expect(giveUp(overrides)).rejects.toThrow();
  },
);
