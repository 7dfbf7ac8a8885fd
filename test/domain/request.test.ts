import { describe, expect, it } from 'vitest';
import {
  admit,
  type Delivery,
  LEASE_MS,
  nameParts,
  type RequestRecord,
} from '../../shared/domain/request.ts';
import { NOW } from '../support/events.ts';
import { fc } from '../support/property.ts';
import { record } from '../support/request-record.ts';

const leased = { leaseUntil: NOW.getTime() + 1 };
const delivery = (overrides: Partial<Delivery> = {}): Delivery => ({
  messageId: 'second',
  instanceName: 'service-api',
  isBake: false,
  ...overrides,
});
const bake: RequestRecord['bake'] = {
  baseImage: 'ami-0123456789abcdef0',
  userData: '#!/bin/sh\ntrue\n',
  instanceType: 't3.small',
  subnetIds: [],
  securityGroupIds: [],
  instanceProfile: 'amity-builder',
  encrypted: false,
  timeoutMinutes: 10,
};
const failed = { state: 'failed', announced: true } as const;

describe('admit', () => {
  it.each<[string, Partial<RequestRecord> | undefined, Partial<Delivery>, string]>([
    ['a new request', undefined, {}, 'begin'],
    ['one that another is at work on', leased, {}, 'wait'],
    ['one that this message is at work on', leased, { messageId: 'first' }, 'continue'],
    ['one whose owner is dead', {}, {}, 'continue'],
    ['one written but not told', { state: 'created' }, {}, 'announce'],
    ['one that another is telling', { state: 'created', ...leased }, {}, 'wait'],
    ['a created one', { state: 'created', announced: true }, {}, 'ignore'],
    ['a created one, replayed', { state: 'created', announced: true }, { replayName: 'r' }, 'ignore'],
    ['an available one, replayed', { state: 'available', announced: true }, { replayName: 'r' }, 'ignore'],
    ['a superseded one, replayed', { state: 'superseded', announced: true }, { replayName: 'r' }, 'ignore'],
    ['a failed one', failed, {}, 'ignore'],
    ['a failed one, replayed', failed, { replayName: 'r' }, 'retry'],
    ['a failed one, replayed again', { ...failed, replayName: 'r' }, { replayName: 'r' }, 'ignore'],
    ['a failed one, in the next replay', { ...failed, replayName: 'r' }, { replayName: 's' }, 'retry'],
    ['one for another instance name', failed, { instanceName: 'other' }, 'refuse'],
  ])('%s: %4$s', (_, known, delivered, act) => {
    expect(admit(known && record(known), delivery(delivered), NOW).act).toBe(act);
  });

  it.each<[string, boolean, Partial<Delivery>, string | undefined]>([
    ['an image again', false, {}, undefined],
    ['a bake again', true, { isBake: true }, undefined],
    [
      'a bake of the same name',
      false,
      { isBake: true },
      'the instance name "service-api" before, so it cannot ask for a bake of the instance name "service-api"',
    ],
    [
      'an image of the same name',
      true,
      {},
      'a bake of the instance name "service-api" before, so it cannot ask for the instance name "service-api"',
    ],
    [
      'a bake of another name',
      true,
      { isBake: true, instanceName: 'service-web' },
      'a bake of the instance name "service-api" before, so it cannot ask for a bake of the instance name "service-web"',
    ],
    [
      'an image of one instance of the name',
      false,
      { wantedInstanceId: 'i-2' },
      'the instance name "service-api" before, so it cannot ask for the instance name "service-api", i-2',
    ],
    [
      'an image of another name',
      false,
      { instanceName: 'service-web' },
      'the instance name "service-api" before, so it cannot ask for the instance name "service-web"',
    ],
  ])('one id that asks for %s', (_, wasBake, delivered, why) => {
    const known = record({ ...failed, ...(wasBake && { bake }) });
    const failure = why && {
      code: 'request-id-reused',
      message: `Request id one was used for ${why}. Use an id of its own for each request, or none.`,
    };
    expect(admit(known, delivery(delivered), NOW)).toEqual(
      failure ? { act: 'refuse', failure } : { act: 'ignore', why: 'the request is failed already' },
    );
  });

  const someRecord = fc.record({
    state: fc.constantFrom('creating', 'created', 'available', 'failed', 'superseded' as const),
    announced: fc.boolean(),
    owner: fc.constantFrom('first', 'second'),
    leaseUntil: fc.integer({ min: NOW.getTime() - LEASE_MS, max: NOW.getTime() + LEASE_MS }),
    replayName: fc.option(fc.constantFrom('r', 's'), { nil: undefined }),
  });
  const someDelivery = fc.record({
    messageId: fc.constantFrom('first', 'second'),
    replayName: fc.option(fc.constantFrom('r', 's'), { nil: undefined }),
  });

  it('never lets two live owners work', () => {
    fc.assert(
      fc.property(someRecord, someDelivery, (known, delivered) => {
        const { act } = admit(record(known), delivery(delivered), NOW);
        const live = known.leaseUntil > NOW.getTime() && known.owner !== delivered.messageId;
        if (live) expect(['continue', 'announce', 'begin']).not.toContain(act);
      }),
    );
  });

  it('never lets a bake and an image share a request, in whatever state it is', () => {
    fc.assert(
      fc.property(someRecord, someDelivery, fc.boolean(), (known, delivered, isBake) => {
        const other = record({ ...known, ...(!isBake && { bake }) });
        expect(admit(other, delivery({ ...delivered, isBake }), NOW).act).toBe('refuse');
        const same = record({ ...known, ...(isBake && { bake }) });
        expect(admit(same, delivery({ ...delivered, isBake }), NOW).act).not.toBe('refuse');
      }),
    );
  });

  it('acts on a finished request only for a replay that has not tried it', () => {
    fc.assert(
      fc.property(someRecord, someDelivery, (known, delivered) => {
        if (known.state === 'creating' || !known.announced) return;
        const { act } = admit(record(known), delivery(delivered), NOW);
        const fresh = delivered.replayName !== undefined && delivered.replayName !== known.replayName;
        expect(act).toBe(known.state === 'failed' && fresh ? 'retry' : 'ignore');
      }),
    );
  });
});

it.each([
  [{ attempt: 1, namedByAttempt: false }, undefined],
  [{ attempt: 2, namedByAttempt: false }, undefined],
  [{ attempt: 2, namedByAttempt: true }, 2],
])('the name of %o carries %s', (facts, retry) => {
  expect(nameParts(record(facts)).attempt).toBe(retry);
});
