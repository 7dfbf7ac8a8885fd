import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postRequest } from '../../local/story.ts';
import { envelopes, seen, settle, until, untilSeen } from './support/flow.ts';
import { type Session, startSession } from './support/session.ts';

let session: Session;

beforeAll(async () => {
  session = await startSession();
});
afterAll(() => session?.stop());

describe('POST /prod/create-ami', () => {
  it.each([
    ['malformed JSON', '{"instance_name_list": [', 400],
    ['an empty body', '', 400],
    ['null', 'null', 400],
    ['an array', '["service-api"]', 400],
    ['an empty list', { instance_name_list: [] }, 400],
    ['a list of numbers', { instance_name_list: [1, 2] }, 400],
    ['an empty name', { instance_name_list: ['ok', ''] }, 400],
    ['an over-long name', { instance_name_list: ['x'.repeat(256)] }, 400],
    ['a control character', { instance_name_list: ['a\u0007b'] }, 400],
    ['an unknown field', { instance_name_list: ['ok'], dry_run: true }, 400],
    ['101 names', { instance_name_list: Array.from({ length: 101 }, (_, n) => `n${n}`) }, 400],
    ['65 KB', { instance_name_list: ['ok'], tags: { a: 'x'.repeat(66_000) } }, 413],
  ])('refuses %s', async (_, body, status) => {
    const answer = await postRequest(session, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const problem = await answer.json();
    expect(problem).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
    expect(JSON.stringify(problem)).not.toMatch(/\.ts:|node_modules|Error:/);
  });

  it('refuses another content type with 415, and says so', async () => {
    const answer = await postRequest(session, '{"instance_name_list":["a"]}', {
      'content-type': 'text/plain',
    });
    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('application/json') });
  });

  it('refuses whoever does not sign, in the same shape', async () => {
    const answer = await fetch(session.apiUrl, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 403 });
  });

  it('has put nothing of all that on the bus', async () => {
    await settle(2);
    expect(envelopes(session, 'AmiRequested')).toEqual([]);
  });

  it('gives the same ids for the same Idempotency-Key and makes one image', async () => {
    await session.aws.control.startInstance({ name: 'service-api' });
    const post = (names: string[]) =>
      postRequest(session, { instance_name_list: names }, { 'idempotency-key': 'build-77' });
    const [first, second] = await Promise.all([post(['service-api']), post(['service-api'])]);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(await second.json()).toEqual(await first.json());
    expect((await post(['another'])).status).toBe(409);
    await untilSeen(session, 'AmiAvailable', 'service-api');
    await until('both requests on the bus', () => envelopes(session, 'AmiRequested').length === 2);
    await settle(2);
    expect(seen(session, 'AmiCreated')).toHaveLength(1);
  });

  it('takes the JSON of the README', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const [, body = ''] = /```json\n(\{"instance_name_list".*?)\n```/s.exec(readme) ?? [];
    expect((await postRequest(session, body)).status).toBe(202);
  });
});
