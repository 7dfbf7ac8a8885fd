import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-bake-requested/start-bake.ts';
import { handler as createImage } from '../../../handlers/ami-requested/create-image.ts';
import { handler as giveUp } from '../../../handlers/bake/give-up.ts';
import type { Envelope } from '../../../shared/events/event.ts';
import { bakeName } from '../../../shared/events/request-key.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { everyCut, once, times } from '../../support/calls.ts';
import { HOUR, MINUTE, passes, stopClock } from '../../support/clock.ts';
import { example, lambdaContext, request, sqsRecord } from '../../support/events.ts';
import { image } from '../../support/fake-ec2.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: BakeWorld;
beforeEach(() => {
  world = new BakeWorld();
});

const minimal = { instanceName: 'service-web', baseImage: 'ami-0ba5e000000000000', userData: '#!/bin/sh\n' };
const wanted = (overrides: object = {}, of: Partial<Envelope> = {}): Envelope =>
  example('ami-bake-requested', { detail: { ...minimal, requestId: 'one', ...overrides }, ...of });
const replayed = (name: string, of = wanted()): Envelope => ({ ...of, 'replay-name': name, id: name });
const key = 'request#000000000000#my.release-train#one';
const names = () => [...world.executions.keys()];
const attempt = (number: number) => bakeName(key, number);

/** What the workflow does in the end. */
const fails = (number = 1) =>
  giveUp(
    {
      requestKey: key,
      attempt: number,
      validates: false,
      fall: { stage: 'provision', error: 'builder-gone', cause: 'It is gone.' },
    },
    lambdaContext(),
  );

describe('a request', () => {
  it('starts one execution, named after request and attempt, which knows both', async () => {
    expect(await deliver(handler, [wanted()])).toEqual([]);
    expect([...world.executions]).toEqual([[attempt(1), { requestKey: key, attempt: 1 }]]);
    expect(attempt(1)).toMatch(/^[0-9a-f]{32}-1$/);
  });

  it('is recorded with everything decided, so that the workflow need not carry it', async () => {
    await deliver(handler, [example('ami-bake-requested')]);
    const { detail } = example('ami-bake-requested') as { detail: Record<string, unknown> };
    expect(world.requests).toMatchObject([
      {
        key: 'request#000000000000#my.release-train#build-4711',
        state: 'creating',
        instanceName: 'service-web',
        reason: 'Release',
        noReboot: true,
        tags: { team: 'platform' },
        stamp: '2026-01-05_12_00',
        bake: {
          baseImage: detail.baseImage,
          userData: detail.userData,
          validate: detail.validate,
          instanceType: 't3.small',
          subnetIds: [],
          securityGroupIds: [],
          instanceProfile: 'amity-builder',
          encrypted: false,
          timeoutMinutes: 15,
        },
      },
    ]);
  });

  it('says more than the configuration, which says what it leaves open', async () => {
    const asked = {
      instanceType: 'm7g.large',
      subnetId: 'subnet-0000000a',
      securityGroupIds: ['sg-0000000a'],
      instanceProfile: 'web-builder',
      volumeSizeGib: 20,
      encrypted: true,
      kmsKeyId: '1234abcd-12ab-34cd-56ef-1234567890ab',
      timeoutMinutes: 60,
    };
    await deliver(handler, [wanted({ ...asked, retentionDays: 30 })]);
    const { subnetId, ...rest } = asked;
    expect(world.requests).toMatchObject([
      { bake: { ...rest, subnetIds: [subnetId] }, tags: { 'amity:retention-days': '30' } },
    ]);
  });

  it('without an id is one all the same, and the same again', async () => {
    await deliver(handler, [wanted({ requestId: undefined })]);
    passes(HOUR);
    await deliver(handler, [{ ...wanted({ requestId: undefined }), id: 'another' }]);
    expect(names()).toHaveLength(1);
  });
});

describe('the same request', () => {
  it('delivered 5 times in one batch and once more later starts one execution', async () => {
    const copies = Array.from({ length: 5 }, () => sqsRecord(wanted()));
    const again = await deliver(handler, copies);
    expect(again).toHaveLength(4);
    for (const copy of copies) {
      passes(5 * MINUTE);
      expect(await deliver(handler, [copy])).toEqual([]);
    }
    expect(names()).toEqual([attempt(1)]);
  });

  it('waits while another message is at work on it', async () => {
    await deliver(handler, [sqsRecord(wanted(), { messageId: 'first' })]);
    expect(await deliver(handler, [sqsRecord(wanted(), { messageId: 'second' })])).toEqual(['second']);
    expect(world.queue.hidden).toEqual([{ handle: 'handle-of-second', seconds: 20 }]);
  });

  it('replayed while its bake is at work starts no other', async () => {
    await deliver(handler, [wanted()]);
    passes(HOUR);
    expect(await deliver(handler, [replayed('one')])).toEqual([]);
    expect(names()).toEqual([attempt(1)]);
  });

  it.each(['created', 'available'] as const)('replayed after its image was %s starts none', async (state) => {
    await deliver(handler, [wanted()]);
    world.knows({ key, state, announced: true, imageId: 'ami-00000000000000001' });
    passes(HOUR);
    expect(await deliver(handler, [replayed('one'), replayed('two')])).toEqual([]);
    expect(names()).toEqual([attempt(1)]);
    expect(world.told).toEqual([]);
  });
});

describe('a replay of one that failed', () => {
  beforeEach(async () => {
    await deliver(handler, [wanted()]);
    await fails();
    passes(HOUR);
  });

  it('starts attempt 2, once for each replay', async () => {
    expect(await deliver(handler, [replayed('one')])).toEqual([]);
    passes(HOUR);
    expect(await deliver(handler, [replayed('one')])).toEqual([]);
    expect(names()).toEqual([attempt(1), attempt(2)]);
    expect(world.executions.get(attempt(2))).toEqual({ requestKey: key, attempt: 2 });
    await fails(2);
    await deliver(handler, [replayed('one')]);
    await deliver(handler, [replayed('two')]);
    expect(names()).toEqual([attempt(1), attempt(2), attempt(3)]);
    expect(world.told).toEqual(['AmiFailed 1', 'AmiFailed 2']);
  });

  it('is no mere duplicate: that one starts nothing', async () => {
    expect(await deliver(handler, [wanted()])).toEqual([]);
    expect(names()).toEqual([attempt(1)]);
  });

  it('starts nothing where a younger image of the name is there', async () => {
    const tags = { 'amity:instance-name': 'service-web', 'amity:request-id': 'another' };
    world.ec2.images.push(image({ tags, createdAt: '2026-02-01T00:00:00.000Z' }));
    expect(await deliver(handler, [replayed('one')])).toEqual([]);
    expect(names()).toEqual([attempt(1)]);
    expect(world.requests).toMatchObject([{ state: 'superseded' }]);
    expect(world.told).toEqual(['AmiFailed 1']);
  });
});

describe('an id that was used before', () => {
  const failures = () => world.bus.of('AmiFailed');

  it('for an image of a running instance of that name is refused', async () => {
    const other = request({ instanceName: 'service-web', requestId: 'one' }, { source: 'my.release-train' });
    await deliver(createImage, [other]);
    passes(HOUR);
    expect(await deliver(handler, [wanted()])).toEqual([]);
    expect(names()).toEqual([]);
    expect(failures().at(-1)).toMatchObject({
      requestId: 'one',
      code: 'request-id-reused',
      message: expect.stringContaining('cannot ask for a bake of the instance name "service-web"'),
    });
  });

  it('for a bake is refused to an image of a running instance', async () => {
    await deliver(handler, [wanted()]);
    const other = request({ instanceName: 'service-web', requestId: 'one' }, { source: 'my.release-train' });
    expect(await deliver(createImage, [other])).toEqual([]);
    expect(failures()).toMatchObject([{ code: 'request-id-reused' }]);
    expect(world.ec2.creations).toEqual([]);
  });

  it('for another name is refused, and told once', async () => {
    await deliver(handler, [wanted()]);
    for (let times = 0; times < 2; times += 1) {
      expect(await deliver(handler, [wanted({ instanceName: 'service-api' })])).toEqual([]);
      passes(HOUR);
    }
    expect(failures()).toMatchObject([{ code: 'request-id-reused', instanceName: 'service-api' }]);
    expect(names()).toEqual([attempt(1)]);
  });
});

describe('a detail that is no request', () => {
  it.each<[string, object, string]>([
    ['nothing to run', { userData: undefined }, '/userData'],
    ['no script', { userData: 'dnf install nginx' }, '/userData'],
    ['no base image', { baseImage: 'debian' }, '/baseImage'],
    ['a role that is not listed', { instanceProfile: 'admin' }, 'bake.instanceProfiles'],
    [
      'a key that is not listed',
      { encrypted: true, kmsKeyId: '99999999-12ab-34cd-56ef-1234567890ab' },
      'bake.kmsKeyArns',
    ],
    ['a key for nothing', { kmsKeyId: '1234abcd-12ab-34cd-56ef-1234567890ab' }, '/kmsKeyId'],
    ['a tag of ours', { tags: { 'amity:failed': 'no' } }, '/tags/amity:failed'],
  ])('%s: AmiFailed once, and no execution', async (_, overrides, what) => {
    expect(await deliver(handler, [wanted(overrides)])).toEqual([]);
    passes(HOUR);
    expect(await deliver(handler, [wanted(overrides), replayed('one', wanted(overrides))])).toHaveLength(0);
    expect(names()).toEqual([]);
    expect(world.bus.of('AmiFailed')[0]).toMatchObject({
      requestId: 'one',
      attempt: 1,
      code: 'invalid-request',
      message: expect.stringContaining(what),
      instanceName: 'service-web',
    });
  });

  it('does not shadow the request whose id it carries', async () => {
    await deliver(handler, [wanted({ userData: 'none' })]);
    await deliver(handler, [wanted()]);
    expect(names()).toEqual([attempt(1)]);
  });
});

describe('a request whose workflow broke without a word', () => {
  it.each(['FAILED', 'TIMED_OUT', 'ABORTED'] as const)('%s: the next delivery ends it', async (status) => {
    await deliver(handler, [wanted()]);
    world.ended.set(attempt(1), status);
    passes(5 * MINUTE);
    await deliver(handler, [replayed('again')]);
    expect(world.bus.of('AmiFailed')).toMatchObject([
      { code: 'bake-error', message: expect.stringContaining(status) },
    ]);
    await deliver(handler, [replayed('once-more')]);
    expect(names()).toEqual([attempt(1), attempt(2)]);
  });
});

describe('a crash at any call, then the message again', () => {
  const CALLS = ['Get', 'Put', 'StartExecution'];
  it.each(everyCut(CALLS))('$how $when call $number, $name', async ({ number, when, how }) => {
    const message = sqsRecord(wanted());
    world.calls.faults = once({ when, how }, { number });
    await Promise.race([deliver(handler, [message]), world.calls.died]);
    passes(5 * MINUTE);
    expect(await deliver(handler, [message])).toEqual([]);
    expect([...world.executions]).toEqual([[attempt(1), { requestKey: key, attempt: 1 }]]);
  });

  it('covers every call there is', async () => {
    await deliver(handler, [wanted()]);
    expect(world.calls.names).toEqual(CALLS);
  });

  it('a refusal that the bus did not take is told by the next delivery', async () => {
    const message = sqsRecord(wanted({ userData: 'none' }));
    world.calls.faults = times(4, 'PutEvents', { when: 'before', how: 'throws' });
    expect(await deliver(handler, [message])).toHaveLength(1);
    expect(await deliver(handler, [message])).toEqual([]);
    expect(world.told).toEqual(['AmiFailed 1']);
  });
});
