import { describe, expect, it } from 'vitest';
import {
  newRequest,
  nextAttempt,
  type RequestDefaults,
  rebootRefused,
  supersededBy,
} from '../../shared/domain/new-request.ts';
import { envelope } from '../support/events.ts';
import { record } from '../support/request-record.ts';

const bake = {
  baseImage: 'resolve:ssm:/aws/service/x',
  userData: '#!/bin/sh\ntrue\n',
  instanceType: 't3.small',
  subnetIds: [],
  securityGroupIds: [],
  instanceProfile: 'amity-builder',
  encrypted: false,
  timeoutMinutes: 10,
};
const defaults: RequestDefaults = { timeZone: 'Asia/Seoul', reason: 'Deploy', noReboot: true };
const asked = { envelope: envelope(), key: 'key', requestId: 'one', instanceName: 'service-api' };
const detail = { instanceName: 'service-api' };

describe('newRequest', () => {
  it('fills in what the request leaves open', () => {
    expect(newRequest({ ...asked, detail }, defaults)).toMatchObject({
      state: 'creating',
      attempt: 1,
      version: 0,
      reason: 'Deploy',
      noReboot: true,
      tags: {},
      stamp: '2025-06-05_21_00',
      requestedAt: '2025-06-05T12:00:30Z',
    });
  });

  it('keeps what the request says', () => {
    const wanted = { reason: 'Nightly', noReboot: false, tags: { commit: '9fceb02' } };
    expect(newRequest({ ...asked, detail: { ...detail, ...wanted } }, defaults)).toMatchObject(wanted);
  });

  it('keeps how it is baked; of an image of an instance there is nothing to keep', () => {
    expect(newRequest({ ...asked, detail: { ...detail, bake } }, defaults)).toMatchObject({
      state: 'creating',
      bake,
    });
    expect(newRequest({ ...asked, detail }, defaults).bake).toBeUndefined();
  });

  it('keeps which instance is wanted; without one, any of the name will do', () => {
    const instanceId = 'i-0123456789abcdef0';
    const named = newRequest({ ...asked, detail: { ...detail, instanceId } }, defaults);
    expect(named).toMatchObject({ instanceName: 'service-api', wantedInstanceId: instanceId });
    // What was imaged in the end is another matter.
    expect(named.instanceId).toBeUndefined();
    expect(newRequest({ ...asked, detail }, defaults).wantedInstanceId).toBeUndefined();
  });

  it.each([
    [undefined, {}],
    [1, { 'amity:retention-days': '1' }],
    [30, { 'amity:retention-days': '30' }],
  ])('keeps an age of %s as a tag', (retentionDays, tags) => {
    expect(newRequest({ ...asked, detail: { ...detail, retentionDays } }, defaults).tags).toEqual(tags);
  });

  it('is failed from the start where the detail is no request', () => {
    const failure = { code: 'invalid-request', message: 'no' } as const;
    expect(newRequest({ ...asked, detail: failure }, defaults)).toMatchObject({ state: 'failed', failure });
  });
});

it.each([
  ['this account', '000000000000', false, false, undefined],
  ['another account', '111122223333', false, false, 'reboot-not-allowed'],
  ['another account, trusted', '111122223333', false, true, undefined],
  ['another account, without a reboot', '111122223333', true, false, undefined],
  ['another account, silent', '111122223333', undefined, false, undefined],
])('a reboot by %s', (_, account, noReboot, allowReboot, code) => {
  const wanted = { ...detail, ...(noReboot !== undefined && { noReboot }) };
  expect(rebootRefused(wanted, envelope({ account }), { accountId: '000000000000', allowReboot })?.code).toBe(
    code,
  );
});

it('the next attempt keeps the request and forgets how the last one ended', () => {
  const failure = { code: 'image-failed', message: 'gone' } as const;
  const last = record({
    state: 'failed',
    attempt: 2,
    namedByAttempt: true,
    announced: true,
    imageId: 'ami-1',
    instanceId: 'i-1',
    wantedInstanceId: 'i-1',
    failure,
  });
  expect(nextAttempt(last, 'replay')).toEqual({
    ...last,
    state: 'creating',
    attempt: 3,
    namedByAttempt: false,
    announced: false,
    imageId: undefined,
    instanceId: undefined,
    failure: undefined,
    replayName: 'replay',
  });
});

it('the next attempt of a bake looks its base image up again', () => {
  const last = record({ state: 'failed', bake: { ...bake, baseImageId: 'ami-0123456789abcdef0' } });
  expect(nextAttempt(last, 'replay').bake).toEqual(bake);
});

describe('supersededBy', () => {
  const tags = { 'amity:instance-name': record().instanceName };
  const younger = { imageId: 'ami-2', state: 'available', createdAt: '2025-06-05T13:00:00.000Z', tags };

  it.each([
    ['a younger available one', {}, 'ami-2'],
    ['a younger pending one', { state: 'pending' }, 'ami-2'],
    ['a younger failed one', { state: 'failed' }, undefined],
    ['an older one', { createdAt: '2025-06-05T11:00:00.000Z' }, undefined],
    ['one of the same request', { tags: { ...tags, 'amity:request-id': record().requestId } }, undefined],
    ['a younger transient one', { state: 'transient' }, 'ami-2'],
    ['one of another name', { tags: { 'amity:instance-name': 'other' } }, undefined],
    ["AWS Backup's", { tags: { ...tags, 'aws:backup:source-resource': 'i-1' } }, undefined],
    ['one of unreadable age', { createdAt: '' }, undefined],
  ])('%s', (_, facts, imageId) => {
    expect(supersededBy(record(), [{ ...younger, ...facts }])).toBe(imageId);
  });

  it.each([
    ['that instance', 'i-1', 'ami-2'],
    ['another instance of the name', 'i-2', undefined],
    ['an instance that nobody knows', undefined, undefined],
  ])('where an instance was named, one of %s', (_, sourceInstanceId, imageId) => {
    const wanted = record({ wantedInstanceId: 'i-1' });
    expect(supersededBy(wanted, [{ ...younger, sourceInstanceId }])).toBe(imageId);
  });
});
