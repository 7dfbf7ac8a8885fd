import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-requested/create-image.ts';
import { log } from '../../../shared/runtime/log.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { times } from '../../support/calls.ts';
import { DAY, HOUR, MINUTE, passes, stopClock } from '../../support/clock.ts';
import { envelope, lambdaContext, NOW, request, sqsRecord } from '../../support/events.ts';
import { instance } from '../../support/fake-ec2.ts';
import { sleep } from '../../support/fake-sleep.ts';
import { deliver, World } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: World;
beforeEach(() => {
  world = new World();
  sleep.mockClear();
});

const SLOW_DOWN = [
  'RequestLimitExceeded',
  'PendingSnapshotLimitExceeded',
  'ConcurrentSnapshotLimitExceeded',
  'InternalError',
  'Unavailable',
];
const refusing = (name: string, count = Number.POSITIVE_INFINITY) => {
  world.calls.faults = times(count, 'CreateImage', { when: 'before', how: 'throws', error: ec2Error(name) });
};

describe('EC2 says to slow down', () => {
  it.each(SLOW_DOWN)('%s: waits inside, 150 to 350 ms a try, 30 times if need be', async (name) => {
    refusing(name, 30);
    expect(await deliver(handler, [envelope()])).toEqual([]);
    expect(sleep.mock.calls.every(([ms]) => ms >= 150 && ms <= 350)).toBe(true);
    expect(sleep).toHaveBeenCalledTimes(30);
    expect(world.ec2.images).toHaveLength(1);
    expect(world.bus.published.map(({ type }) => type)).toEqual(['AmiCreated']);
  });

  it.each(SLOW_DOWN)('%s: hides the message when little time is left', async (name) => {
    refusing(name);
    const message = sqsRecord(envelope(), { messageId: 'one', receives: 3 });
    expect(await deliver(handler, [message], lambdaContext({ remainingMs: 16_000 }))).toEqual(['one']);
    expect(world.queue.hidden).toHaveLength(1);
    expect(world.queue.hidden[0]?.handle).toBe('handle-of-one');
    expect(world.queue.hidden[0]?.seconds).toBeGreaterThanOrEqual(45);
    expect(world.queue.hidden[0]?.seconds).toBeLessThanOrEqual(60);
    expect(world.bus.published).toEqual([]);
  });

  it('does not start on the time that is kept for reporting', async () => {
    refusing('RequestLimitExceeded');
    const context = lambdaContext({ remainingMs: 60_000 });
    await deliver(handler, [envelope()], context);
    expect(context.getRemainingTimeInMillis()).toBeGreaterThan(14_000);
    expect(context.getRemainingTimeInMillis()).toBeLessThan(15_001);
  });

  it.each([
    [1, 15, 15],
    [2, 22, 30],
    [7, 675, 900],
    [500, 675, 900],
  ])('received %i times: hidden for %i to %i s', async (receives, least, most) => {
    refusing('SnapshotCreationPerVolumeRateExceeded');
    await deliver(handler, [sqsRecord(envelope(), { receives })]);
    expect(world.queue.hidden[0]?.seconds).toBeGreaterThanOrEqual(least);
    expect(world.queue.hidden[0]?.seconds).toBeLessThanOrEqual(most);
  });

  it('of one volume: hides that message at once and goes on with the others', async () => {
    world.ec2.instances.push(instance({ id: 'i-other', name: 'service-worker' }));
    refusing('SnapshotCreationPerVolumeRateExceeded', 1);
    const messages = ['service-api', 'service-worker'].map((instanceName) =>
      sqsRecord(request({ instanceName }), { messageId: instanceName }),
    );
    expect(await deliver(handler, messages)).toEqual(['service-api']);
    expect(sleep).not.toHaveBeenCalled();
    expect(world.bus.of('AmiCreated')).toMatchObject([{ instanceName: 'service-worker' }]);
  });
});

describe('the deadline', () => {
  const late = (facts: { ageMs: number }) =>
    sqsRecord(envelope(), { sentAt: new Date(NOW.getTime() - facts.ageMs) });

  it('over: AmiFailed says what EC2 said last', async () => {
    refusing('SnapshotCreationPerVolumeRateExceeded');
    expect(await deliver(handler, [late({ ageMs: DAY })])).toEqual([]);
    expect(world.bus.of('AmiFailed')).toMatchObject([
      {
        code: 'deadline-exceeded',
        message: expect.stringContaining('SnapshotCreationPerVolumeRateExceeded'),
        instanceName: 'service-api',
      },
    ]);
    expect(world.requests).toMatchObject([{ state: 'failed', announced: true }]);
  });

  it('over: logs the code that the alarm counts', async () => {
    const warn = vi.spyOn(log, 'warn');
    refusing('SnapshotCreationPerVolumeRateExceeded');
    await deliver(handler, [late({ ageMs: DAY })]);
    expect(warn.mock.lastCall?.[1]).toMatchObject({ code: 'deadline-exceeded' });
  });

  it('not over: tried again for hours', async () => {
    refusing('SnapshotCreationPerVolumeRateExceeded');
    expect(await deliver(handler, [late({ ageMs: 23 * HOUR })])).toHaveLength(1);
    expect(world.bus.published).toEqual([]);
  });

  it('over before the message would come back: settled now rather than too late', async () => {
    refusing('SnapshotCreationPerVolumeRateExceeded');
    expect(await deliver(handler, [late({ ageMs: DAY - 5_000 })])).toEqual([]);
    expect(world.bus.of('AmiFailed')).toHaveLength(1);
  });

  it('counts from when the queue got the message, not from the time of an old event', async () => {
    refusing('SnapshotCreationPerVolumeRateExceeded');
    const old = sqsRecord(envelope({ time: '2025-01-01T00:00:00Z', 'replay-name': 'again' }));
    expect(await deliver(handler, [old])).toHaveLength(1);
    expect(world.bus.published).toEqual([]);
  });

  it('over, but an image was made without our knowing: adopted', async () => {
    const message = late({ ageMs: DAY - MINUTE });
    world.calls.faults = times(1, 'CreateImage', { when: 'after', how: 'dies' });
    void deliver(handler, [message]);
    await world.calls.died;
    passes(HOUR);
    refusing('SnapshotCreationPerVolumeRateExceeded');
    expect(await deliver(handler, [message])).toEqual([]);
    expect(world.bus.published).toMatchObject([
      { type: 'AmiCreated', detail: { imageId: 'ami-00000000000000001' } },
    ]);
  });
});

describe('what can never work ends at once', () => {
  it.each([
    ['UnauthorizedOperation', 'access-denied'],
    ['AuthFailure', 'access-denied'],
    ['InvalidParameterValue', 'ec2-rejected'],
    ['UnsupportedOperation', 'ec2-rejected'],
  ])('%s: %s, in EC2’s own words', async (name, code) => {
    refusing(name);
    expect(await deliver(handler, [envelope()])).toEqual([]);
    expect(world.bus.of('AmiFailed')).toMatchObject([{ code, message: `${name}: ${name} happened` }]);
    expect(world.calls.count('CreateImage')).toBe(1);
  });
});

describe('DynamoDB is down', () => {
  it('creates nothing, and has every message again', async () => {
    const down = { when: 'before', how: 'throws', error: new Error('unavailable') } as const;
    world.calls.faults = (name) => (['Get', 'Put', 'TransactWrite'].includes(name) ? down : undefined);
    const messages = ['one', 'two', 'three'].map((messageId) =>
      sqsRecord(request({ requestId: messageId }), { messageId, sentAt: new Date(NOW.getTime() - 2 * DAY) }),
    );
    expect(await deliver(handler, messages)).toEqual(['one', 'two', 'three']);
    expect(world.queue.hidden).toHaveLength(3);
    expect(world.ec2.creations).toEqual([]);
    expect(world.bus.published).toEqual([]);

    world.calls.faults = () => undefined;
    expect(await deliver(handler, messages)).toEqual([]);
    expect(world.bus.of('AmiCreated')).toHaveLength(3);
  });

  it('at the record of the image only: nothing twice', async () => {
    const message = sqsRecord(envelope());
    world.calls.faults = times(3, 'TransactWrite', { when: 'before', how: 'throws' });
    for (let round = 0; round < 3; round += 1) expect(await deliver(handler, [message])).toHaveLength(1);
    expect(await deliver(handler, [message])).toEqual([]);
    expect(world.ec2.images).toHaveLength(1);
    expect(world.bus.of('AmiCreated')).toHaveLength(1);
  });
});

describe('hiding', () => {
  it('that fails still gives the message back: the queue’s own time brings it again', async () => {
    refusing('SnapshotCreationPerVolumeRateExceeded', 1);
    const withoutQueue = world.calls.faults;
    world.calls.faults = (name, number) =>
      name === 'Hide' ? { when: 'before', how: 'throws' } : withoutQueue(name, number);
    expect(await deliver(handler, [sqsRecord(envelope(), { messageId: 'one' })])).toEqual(['one']);
  });

  it('gives back a body that is no envelope, and does the others', async () => {
    const bodies = ['not json', '{}', 'null', '[]'].map((body, index) =>
      sqsRecord(body, { messageId: `${index}` }),
    );
    expect(await deliver(handler, [...bodies, sqsRecord(envelope())])).toEqual(['0', '1', '2', '3']);
    expect(world.bus.of('AmiCreated')).toHaveLength(1);
  });
});
