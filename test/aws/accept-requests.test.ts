import { beforeEach, describe, expect, it, vi } from 'vitest';
import { acceptRequests } from '../../shared/aws/accept-requests.ts';
import { HttpProblem } from '../../shared/runtime/problem.ts';
import { stopClock } from '../support/clock.ts';
import { FakeBus } from '../support/fake-bus.ts';
import { FakeTable } from '../support/fake-table.ts';
import { type Call, post } from '../support/http.ts';

vi.mock('../../shared/runtime/sleep.ts', () => import('../support/fake-sleep.ts'));
stopClock();

let bus: FakeBus;
beforeEach(() => {
  bus = new FakeBus();
  new FakeTable();
});

const accept = (some: Call = {}, names = ['one', 'two'], body: object = { names }) =>
  acceptRequests({
    busName: 'amity',
    requestsTable: 'requests',
    event: post(some),
    body,
    names,
    entry: (id, name) => ({ Source: 'test', DetailType: 'Asked', Detail: JSON.stringify({ id, name }) }),
  });
const keyed = { headers: { 'Idempotency-Key': 'build-42' } };
const problem = (asking: Promise<unknown>): Promise<HttpProblem> =>
  asking.then(
    () => Promise.reject(new Error('It was accepted')),
    (error: HttpProblem) => error,
  );

describe('acceptRequests', () => {
  it('puts an entry for each name on the bus, and answers with their ids, in their order', async () => {
    const { statusCode, headers, body } = await accept();
    const { requests } = JSON.parse(body);
    expect({ statusCode, headers }).toEqual({
      statusCode: 202,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    });
    expect(bus.of('Asked')).toEqual(
      requests.map((each: Record<string, string>) => ({ id: each.request_id, name: each.instance_name })),
    );
    expect(bus.of('Asked').map(({ name }) => name)).toEqual(['one', 'two']);
    expect(bus.entries.every(({ EventBusName }) => EventBusName === 'amity')).toBe(true);
  });

  it('gives the same ids for the same key and body, and 409 for another body', async () => {
    const first = await accept(keyed);
    expect(await accept(keyed)).toEqual(first);
    expect(await problem(accept(keyed, ['one', 'two'], { another: true }))).toMatchObject({ status: 409 });
    expect(bus.entries).toHaveLength(4);
  });

  it('gives another caller ids of its own', async () => {
    const first = await accept(keyed);
    expect(await accept({ ...keyed, caller: 'arn:aws:iam::000000000000:user/other' })).not.toEqual(first);
  });

  it('says what the bus took and what it did not', async () => {
    bus.refuses = ({ Detail = '' }) => Detail.includes('two');
    const refused = await problem(accept());
    expect(refused).toBeInstanceOf(HttpProblem);
    expect(refused).toMatchObject({
      status: 503,
      members: { accepted: [{ instance_name: 'one' }], rejected: [{ instance_name: 'two' }] },
    });
  });

  it('refuses a key that is none, before anything is asked', async () => {
    const wrong = { headers: { 'idempotency-key': 'with space' } };
    expect(await problem(accept(wrong))).toMatchObject({ status: 400 });
    expect(bus.entries).toEqual([]);
  });
});
