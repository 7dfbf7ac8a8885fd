import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../handlers/http/request-ami.ts';
import { lambdaContext } from '../../support/events.ts';
import { FakeBus } from '../../support/fake-bus.ts';
import { type Call, post, problemOf } from '../../support/http.ts';

let bus: FakeBus;
beforeEach(() => {
  bus = new FakeBus();
});
afterEach(() => {
  expect(bus.mock.commandCalls(PutEventsCommand)).toEqual([]);
});

const call = (some: Call) => handler(post(some), lambdaContext());
const names = (...instance_name_list: unknown[]) => ({ instance_name_list });
const api = names('service-api');

describe('400, with every offending field', () => {
  it.each<[string, unknown, string[]]>([
    ['null', 'null', ['']],
    ['a list', '[]', ['']],
    ['a list of names', ['service-api'], ['']],
    ['a number', '7', ['']],
    ['a string', '"service-api"', ['']],
    ['an empty object', {}, ['/instance_name_list']],
    ['a name instead of a list', { instance_name_list: 'service-api' }, ['/instance_name_list']],
    ['null instead of a list', { instance_name_list: null }, ['/instance_name_list']],
    ['an empty list', names(), ['/instance_name_list']],
    ['101 names', names(...Array.from({ length: 101 }, (_, index) => `n${index}`)), ['/instance_name_list']],
    ['non-strings', names(1, 'fine', null, ['x']), ['0', '2', '3'].map((at) => `/instance_name_list/${at}`)],
    ['an empty name', names('fine', ''), ['/instance_name_list/1']],
    ['an over-long name', names('x'.repeat(256)), ['/instance_name_list/0']],
    ['a line break', names('service\napi'), ['/instance_name_list/0']],
    ['a control character', names('service\u0085api'), ['/instance_name_list/0']],
    ['half a character', names('\ud83d'), ['/instance_name_list/0']],
    ['an unknown field', { ...api, instanceName: 'x' }, ['/instanceName']],
    ['a camel-case option', { ...api, noReboot: true }, ['/noReboot']],
    ['a wrong reason', { ...api, reason: '' }, ['/reason']],
    ['a wrong no_reboot', { ...api, no_reboot: 'true' }, ['/no_reboot']],
    ['a retention of nothing', { ...api, retention_days: 0 }, ['/retention_days']],
    ['a camel-case retention', { ...api, retentionDays: 14 }, ['/retentionDays']],
    ['wrong tags', { ...api, tags: { Name: 'x', fine: 'y', 'aws:z': 'z' } }, ['/tags/Name', '/tags/aws:z']],
    ['a prototype among the tags', { ...api, tags: { constructor: 1 } }, ['/tags/constructor']],
    [
      'everything at once',
      { ...names(''), reason: 1, no_reboot: 1, tags: 1, more: 1 },
      ['/instance_name_list/0', '/more', '/no_reboot', '/reason', '/tags'],
    ],
  ])('%s', async (_, body, pointers) => {
    const { errors = [] } = problemOf(await call({ body }), 400);
    expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual(pointers);
    expect(errors.every(({ detail }) => detail.length > 5)).toBe(true);
  });
});

describe('400, for what is not even JSON', () => {
  it.each([
    ['malformed', '{"instance_name_list":["service-api"]'],
    ['another language', 'instance_name_list=service-api'],
    ['single quotes', "{'instance_name_list':['service-api']}"],
    ['empty', ''],
    ['blank', '  '],
    ['missing', undefined],
    ['a forbidden key', '{"__proto__":{"x":1},"instance_name_list":["service-api"]}'],
    ['a forbidden key further in', '{"instance_name_list":["service-api"],"tags":{"__proto__":{"x":"y"}}}'],
    ['nested without end', '['.repeat(60_000)],
    ['nested', '['.repeat(30_000) + ']'.repeat(30_000)],
  ])('%s', async (_, body) => {
    problemOf(await call({ body }), 400);
  });

  it('malformed in base64', async () => {
    problemOf(await call({ body: '{', base64: true }), 400);
  });

  it('a constructor’s prototype pollutes nothing', async () => {
    problemOf(await call({ body: '{"constructor":{"prototype":{"polluted":true}}}' }), 400);
    expect('polluted' in {}).toBe(false);
  });
});

describe('413', () => {
  const large = (bytes: number) => JSON.stringify(names('x'.repeat(bytes)));

  it.each([
    ['over 64 KB', { body: large(65_536) }],
    ['over 64 KB in bytes, not in characters', { body: JSON.stringify(names('é'.repeat(40_000))) }],
    ['over 64 KB in base64', { body: large(65_536), base64: true }],
    ['over 64 KB and malformed', { body: '{'.repeat(70_000) }],
    ['over 64 KB and of a wrong type', { body: large(65_536), headers: { 'content-type': 'text/plain' } }],
  ])('%s', async (_, some: Call) => {
    problemOf(await call(some), 413);
  });
});

describe('415', () => {
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'json', ''])(
    'content-type "%s"',
    async (contentType) => {
      problemOf(await call({ body: api, headers: { 'content-type': contentType } }), 415);
    },
  );

  it.each([
    ['no content-type', {}],
    ['no headers at all', null],
  ])('%s', async (_, headers) => {
    const event = { ...post({ body: api }), headers } as unknown as ReturnType<typeof post>;
    problemOf(await handler(event, lambdaContext()), 415);
  });
});
