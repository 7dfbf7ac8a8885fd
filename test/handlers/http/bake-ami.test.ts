import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/http/bake-ami.ts';
import { Calls } from '../../support/calls.ts';
import { stopClock } from '../../support/clock.ts';
import { lambdaContext } from '../../support/events.ts';
import { FakeBus } from '../../support/fake-bus.ts';
import { FakeTable } from '../../support/fake-table.ts';
import { type Call, post, problemOf } from '../../support/http.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let bus: FakeBus;
beforeEach(() => {
  const calls = new Calls();
  bus = new FakeBus(calls);
  new FakeTable(calls);
});

const call = (some: Call) => handler(post(some), lambdaContext());
const body = (overrides: object = {}) => ({
  name: 'service-web',
  base_image: 'resolve:ssm:/aws/service/al2023',
  user_data: '#!/bin/sh\ndnf install -y nginx\n',
  ...overrides,
});
const requestsOf = (answer: { body: string }) =>
  (JSON.parse(answer.body) as { requests: { request_id: string; instance_name: string }[] }).requests;
const KEY = '1234abcd-12ab-34cd-56ef-1234567890ab';

describe('POST /bake-ami', () => {
  it('answers 202 with a request id, once the request is on the bus', async () => {
    const answer = await call({ body: body() });
    expect(answer).toMatchObject({ statusCode: 202, headers: { 'content-type': 'application/json' } });
    const [request] = requestsOf(answer);
    expect(request).toEqual({ request_id: expect.any(String), instance_name: 'service-web' });
    expect(bus.published).toEqual([
      {
        type: 'AmiBakeRequested',
        detail: {
          requestId: request?.request_id,
          instanceName: 'service-web',
          baseImage: 'resolve:ssm:/aws/service/al2023',
          userData: '#!/bin/sh\ndnf install -y nginx\n',
        },
      },
    ]);
    expect(bus.entries).toMatchObject([{ Source: 'amity', EventBusName: 'amity' }]);
  });

  it('hands every option on, in the words of the event', async () => {
    await call({
      body: body({
        instance_type: 'm7g.large',
        subnet_id: 'subnet-0123456a',
        security_group_ids: ['sg-0123456a'],
        instance_profile: 'web-builder',
        volume_size_gib: 20,
        encrypted: true,
        kms_key_id: KEY,
        timeout_minutes: 30,
        validate: '#!/bin/sh\ntrue\n',
        tags: { team: 'platform' },
        reason: 'Release',
        retention_days: 30,
      }),
    });
    expect(bus.of('AmiBakeRequested')).toMatchObject([
      {
        instanceType: 'm7g.large',
        subnetId: 'subnet-0123456a',
        securityGroupIds: ['sg-0123456a'],
        instanceProfile: 'web-builder',
        volumeSizeGib: 20,
        encrypted: true,
        kmsKeyId: KEY,
        timeoutMinutes: 30,
        validate: '#!/bin/sh\ntrue\n',
        tags: { team: 'platform' },
        reason: 'Release',
        retentionDays: 30,
      },
    ]);
  });

  it.each([
    ['cloud-init', '#cloud-config\npackages: [nginx]\n'],
    ['an object in S3', 's3://amity-user-data/web.sh'],
    ['12 KB', `#!/bin/sh\n#${'x'.repeat(12 * 1024 - 11)}`],
  ])('takes user data that is %s', async (_, user_data) => {
    expect((await call({ body: body({ user_data }) })).statusCode).toBe(202);
    expect(bus.of('AmiBakeRequested')).toMatchObject([{ userData: user_data }]);
  });

  it('takes the profile and the key that the configuration lists, the key by its ARN too', async () => {
    const kms_key_id = `arn:aws:kms:us-east-1:000000000000:key/${KEY}`;
    const allowed = { instance_profile: 'amity-builder', encrypted: true, kms_key_id };
    expect((await call({ body: body(allowed) })).statusCode).toBe(202);
  });
});

describe('400, with every offending field', () => {
  it.each<[string, unknown, string[]]>([
    ['an empty object', {}, ['/base_image', '/name', '/user_data']],
    ['an unknown field', body({ no_reboot: true }), ['/no_reboot']],
    ['a camel-case option', body({ instanceType: 't3.small' }), ['/instanceType']],
    ['no image', body({ base_image: 'al2023' }), ['/base_image']],
    ['no script', body({ user_data: 'dnf install -y nginx' }), ['/user_data']],
    ['a script of 12 KB and one', body({ user_data: `#!${'x'.repeat(12 * 1024 - 1)}` }), ['/user_data']],
    ['a validation that is none', body({ validate: '' }), ['/validate']],
    ['a profile that is not listed', body({ instance_profile: 'admin' }), ['/instance_profile']],
    ['a key that is not listed', body({ encrypted: true, kms_key_id: 'other' }), ['/kms_key_id']],
    ['a key for what is not encrypted', body({ kms_key_id: KEY }), ['/kms_key_id']],
    [
      'two things that are not listed',
      body({ instance_profile: 'admin', encrypted: true, kms_key_id: 'other' }),
      ['/instance_profile', '/kms_key_id'],
    ],
    ['no time', body({ timeout_minutes: 0 }), ['/timeout_minutes']],
    ['no security group', body({ security_group_ids: [] }), ['/security_group_ids']],
    [
      'tags of ours',
      body({ tags: { 'amity:builder': 'x', Name: 'y' } }),
      ['/tags/Name', '/tags/amity:builder'],
    ],
  ])('%s', async (_, wrong, pointers) => {
    const { errors = [] } = problemOf(await call({ body: wrong }), 400);
    expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual(pointers);
    expect(bus.entries).toEqual([]);
  });

  it.each<[string, Call, number]>([
    ['what is no JSON', { body: '{"name":' }, 400],
    ['another content-type', { body: body(), headers: { 'content-type': 'text/plain' } }, 415],
    ['more than 64 KB', { body: `${JSON.stringify(body())}${' '.repeat(66_000)}` }, 413],
  ])('%s', async (_, some, status) => {
    problemOf(await call(some), status);
    expect(bus.entries).toEqual([]);
  });
});

describe('Idempotency-Key', () => {
  const keyed = (overrides: object = {}) =>
    call({ body: body(overrides), headers: { 'Idempotency-Key': 'build-42' } });

  it('the same key and body: the same request id', async () => {
    expect(await keyed()).toEqual(await keyed());
  });

  it('the same key and another body: 409, and nothing reaches the bus', async () => {
    await keyed();
    problemOf(await keyed({ user_data: '#!/bin/sh\ntrue\n' }), 409);
    expect(bus.entries).toHaveLength(1);
  });
});

it('503 says what the bus did not take', async () => {
  bus.refuses = () => true;
  const problem = problemOf(await call({ body: body() }), 503);
  expect(problem).toMatchObject({ accepted: [], rejected: [{ instance_name: 'service-web' }] });
});
