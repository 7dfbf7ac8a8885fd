import { beforeEach, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/http/authorize.ts';
import { log } from '../../../shared/runtime/log.ts';
import { lambdaContext } from '../../support/events.ts';
import { newIssuer } from '../../support/issuer.ts';

const world = vi.hoisted((): { fetch: (uri: string) => Promise<ArrayBuffer> } => ({
  fetch: () => Promise.reject(new Error('No issuer')),
}));
vi.mock('aws-jwt-verify/https', async (original) => ({
  ...(await original<object>()),
  SimpleFetcher: class {
    fetch = (uri: string) => world.fetch(uri);
  },
}));

const issuer = newIssuer();
const warn = vi.spyOn(log, 'warn');
beforeEach(() => {
  world.fetch = issuer.fetch;
  warn.mockClear();
});

const methodArn = 'arn:aws:execute-api:us-east-1:000000000000:api/prod/POST/create-ami';
const ask = (authorizationToken: string) =>
  handler({ type: 'TOKEN', methodArn, authorizationToken }, lambdaContext());
const policy = (Effect: string) => ({
  principalId: 'repo:acme/service-api:ref:refs/heads/main',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: methodArn }],
  },
});

it('says 503 when the issuer cannot be asked: any error but Unauthorized, and asks again the next time', async () => {
  world.fetch = () => Promise.reject(new Error('Time-out'));
  await expect(ask(`Bearer ${issuer.token()}`)).rejects.toThrow('Time-out');
  world.fetch = issuer.fetch;
  expect(await ask(`Bearer ${issuer.token()}`)).toEqual(policy('Allow'));
});

it.each(['Bearer', 'bearer', 'Bearer '])(
  'lets the bearer (%s) call that one method, as its sub',
  async (scheme) => {
    expect(await ask(`${scheme} ${issuer.token()}`)).toEqual(policy('Allow'));
  },
);

it.each([
  ['another repository', { repository_id: '4243' }],
  ['no repository', { repository_id: undefined }],
  ['a list of repositories', { repository_id: ['4242'] }],
  ['a number', { repository_id: 4242 }],
  ['a branch that is not listed', { ref: 'refs/heads/feature' }],
])('denies a token that is right, but of %s', async (_, claims) => {
  expect(await ask(`Bearer ${issuer.token(claims)}`)).toEqual(policy('Deny'));
});

it.each([
  ['no header', () => ''],
  ['no scheme', () => issuer.token()],
  ['another scheme', () => `Basic ${issuer.token()}`],
  ['two tokens', () => `Bearer ${issuer.token()} ${issuer.token()}`],
  ['no token', () => 'Bearer '],
  ['an expired token', () => `Bearer ${issuer.token({ exp: 1 })}`],
  ['a forged token', () => `Bearer ${issuer.token({}, { key: issuer.stranger })}`],
  ['an unsigned token', () => `Bearer ${issuer.unsigned()}`],
  ['a token of nobody', () => `Bearer ${issuer.token({ sub: undefined })}`],
  ['a token of the empty name', () => `Bearer ${issuer.token({ sub: '' })}`],
])('is unauthorized: %s', async (_, header) => {
  await expect(ask(header())).rejects.toThrow(/^Unauthorized$/);
});

it('says why in its log, and never the token', async () => {
  const token = issuer.token({}, { key: issuer.stranger });
  await ask(`Bearer ${token}`).catch(() => {});
  await ask(`Bearer ${issuer.token({ repository_id: '1' })}`);
  expect(warn.mock.calls.map(([, extra]) => extra)).toEqual([
    { why: expect.stringMatching(/signature/) },
    { sub: 'repo:acme/service-api:ref:refs/heads/main', claims: ['repository_id'] },
  ]);
  for (const part of token.split('.')) expect(JSON.stringify(warn.mock.calls)).not.toContain(part);
});
