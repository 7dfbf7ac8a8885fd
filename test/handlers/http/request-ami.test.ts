import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/http/request-ami.ts';
import { Calls, times } from '../../support/calls.ts';
import { DAY, passes, stopClock } from '../../support/clock.ts';
import { lambdaContext } from '../../support/events.ts';
import { FakeBus } from '../../support/fake-bus.ts';
import { FakeTable } from '../../support/fake-table.ts';
import { type Call, post, problemOf } from '../../support/http.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let calls: Calls;
let bus: FakeBus;
beforeEach(() => {
  calls = new Calls();
  bus = new FakeBus(calls);
  new FakeTable(calls);
});

const call = (some: Call) => handler(post(some), lambdaContext());
const body = (overrides: object = {}) => ({
  instance_name_list: ['service-api', 'service-worker'],
  ...overrides,
});
const requestsOf = (answer: { body: string }) =>
  (JSON.parse(answer.body) as { requests: { request_id: string; instance_name: string }[] }).requests;
const idsOf = (answer: { body: string }) => requestsOf(answer).map(({ request_id }) => request_id);

describe('POST /create-ami', () => {
  it('answers 202 with a request id for each name, in their order, once all are on the bus', async () => {
    const answer = await call({ body: body() });
    expect(answer).toMatchObject({ statusCode: 202, headers: { 'content-type': 'application/json' } });
    const requests = requestsOf(answer);
    expect(requests.map(({ instance_name }) => instance_name)).toEqual(['service-api', 'service-worker']);
    expect(bus.published).toEqual(
      requests.map(({ request_id, instance_name }) => ({
        type: 'AmiRequested',
        detail: { requestId: request_id, instanceName: instance_name },
      })),
    );
    expect(bus.entries.every((entry) => entry.Source === 'amity' && entry.EventBusName === 'amity')).toBe(
      true,
    );
  });

  it('gives every option to every request', async () => {
    const tags = { commit: '9fceb02' };
    await call({ body: body({ reason: 'Nightly', no_reboot: false, tags, retention_days: 30 }) });
    expect(bus.of('AmiRequested')).toHaveLength(2);
    for (const detail of bus.of('AmiRequested')) {
      expect(detail).toMatchObject({ reason: 'Nightly', noReboot: false, tags, retentionDays: 30 });
    }
  });

  it('counts a name once', async () => {
    const answer = await call({ body: body({ instance_name_list: ['b', 'a', 'b', 'a', 'c'] }) });
    expect(requestsOf(answer).map(({ instance_name }) => instance_name)).toEqual(['b', 'a', 'c']);
    expect(bus.entries).toHaveLength(3);
  });

  it('takes 100 names, ten a call', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `service-${index}`);
    const answer = await call({ body: body({ instance_name_list: names }) });
    expect(new Set(idsOf(answer)).size).toBe(100);
    expect(bus.mock.commandCalls(PutEventsCommand)).toHaveLength(10);
  });

  it.each([
    ['base64', { body: body(), base64: true }],
    ['a charset', { body: body(), headers: { 'content-type': 'application/json; charset=utf-8' } }],
    ['nearly 64 KB', { body: `${JSON.stringify(body())}${' '.repeat(65_000)}` }],
  ])('takes a body with %s', async (_, some: Call) => {
    expect((await call(some)).statusCode).toBe(202);
  });
});

describe('PutEvents fails entry by entry', () => {
  const ten = body({ instance_name_list: Array.from({ length: 10 }, (_, index) => `n${index}`) });
  const last3 = /"n[789]"/;

  it('7 of 10 accepted: the 3 are sent again, and only they', async () => {
    let round = 0;
    bus.refuses = ({ Detail = '' }) => round++ < 10 && last3.test(Detail);
    expect((await call({ body: ten })).statusCode).toBe(202);
    const sent = bus.mock.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries?.length);
    expect(sent).toEqual([10, 3]);
    expect(bus.entries).toHaveLength(10);
  });

  it('still refused: 503 says which are accepted and which are not', async () => {
    bus.refuses = ({ Detail = '' }) => last3.test(Detail);
    const problem = problemOf(await call({ body: ten }), 503);
    expect(problem.accepted?.map(({ instance_name }) => instance_name)).toEqual([
      'n0',
      'n1',
      'n2',
      'n3',
      'n4',
      'n5',
      'n6',
    ]);
    expect(problem.rejected?.map(({ instance_name }) => instance_name)).toEqual(['n7', 'n8', 'n9']);
    expect(problem.accepted?.map(({ request_id }) => request_id)).toEqual(
      bus.of('AmiRequested').map(({ requestId }) => requestId),
    );
  });

  it('a call that breaks is made again', async () => {
    calls.faults = times(2, 'PutEvents', { when: 'before', how: 'throws' });
    expect((await call({ body: ten })).statusCode).toBe(202);
    expect(bus.entries).toHaveLength(10);
  });
});

describe('Idempotency-Key', () => {
  const keyed = (some: Call = {}, key = 'build-42') =>
    call({ body: body(), ...some, headers: { 'Idempotency-Key': key } });

  it('the same key and body: the same request ids', async () => {
    const first = await keyed();
    expect(await keyed()).toEqual(first);
    expect(await call({ body: body(), headers: { 'idempotency-key': 'build-42' } })).toEqual(first);
  });

  it('the same key and another body: 409, and nothing reaches the bus', async () => {
    await keyed();
    problemOf(await keyed({ body: body({ reason: 'Other' }) }), 409);
    expect(bus.entries).toHaveLength(2);
  });

  it('another caller’s same key is another key', async () => {
    const [one, other] = [await keyed(), await keyed({ caller: 'arn:aws:iam::000000000000:user/other' })];
    expect(idsOf(other)).not.toEqual(idsOf(one));
  });

  it('is kept 24 hours and no longer', async () => {
    const first = await keyed();
    passes(DAY - 1000);
    expect(await keyed()).toEqual(first);
    passes(2000);
    const later = await keyed({ body: body({ reason: 'Other' }) });
    expect(later.statusCode).toBe(202);
    expect(idsOf(later)).not.toEqual(idsOf(first));
  });

  it('after a 503 the same ids are sent again', async () => {
    bus.refuses = () => true;
    const problem = problemOf(await keyed(), 503);
    bus.refuses = () => false;
    expect(idsOf(await keyed())).toEqual(problem.rejected?.map(({ request_id }) => request_id));
  });

  it.each(['', 'with space', 'x'.repeat(256), 'schlüssel'])('"%s" is refused', async (key) => {
    problemOf(await keyed({}, key), 400);
    expect(bus.entries).toEqual([]);
  });

  it('DynamoDB down: 500, and nothing reaches the bus', async () => {
    calls.faults = times(1, 'Put', { when: 'before', how: 'throws' });
    problemOf(await keyed(), 500);
    expect(bus.entries).toEqual([]);
  });
});
