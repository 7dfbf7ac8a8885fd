import { describe, expect, it } from 'vitest';
import { authorizationOf } from '../../infra/api-schema.ts';
import { parseConfig } from '../../infra/config.ts';
import { mistakesIn } from './support/mistakes.ts';
import { JWT } from './support/synthesize.ts';

const { jwt } = JWT.api;
const claims = (requiredClaims: unknown, issuer = jwt.issuer) => ({
  jwt: { ...jwt, issuer, requiredClaims },
});
const open = 'none-anyone-may-make-images';

describe('who may call', () => {
  it.each([
    ['those whom IAM knows, by default', {}, 'iam'],
    ['those whom IAM knows, of other accounts too', { callerAccounts: ['444455556666'] }, 'iam'],
    ['the bearers of tokens, once their issuer is named', { jwt }, 'jwt'],
    ['the bearers of tokens, in so many words', { authorization: 'jwt', jwt }, 'jwt'],
    ['anyone, in so many words', { authorization: open }, open],
  ])('is %s', (_, api, authorization) => {
    expect(authorizationOf(parseConfig({ api }).api)).toBe(authorization);
  });

  it.each([
    ['a claim of the issuer', claims({ sub: 'repo:acme/service-api:ref:refs/heads/main' })],
    ['one that tells whose, beside others', claims({ repository_id: '1', ref: ['refs/heads/main'] })],
    [
      'any claim of an issuer of your own',
      claims({ environment: 'prod' }, 'https://id.acme.example/realms/ci/'),
    ],
    ['the place of its keys', { jwt: { ...jwt, jwksUri: 'https://keys.example/set.json' } }],
  ])('takes an issuer with %s', (_, api) => {
    expect(parseConfig({ api }).api.jwt).toEqual(api.jwt);
  });
});

describe('a mistake', () => {
  const WHOSE =
    'api.jwt.requiredClaims must hold a claim that tells whose token it is, such as sub or repository_id: ' +
    'the issuer signs a token for your audience for anyone who asks, and ';

  it.each([
    ['none', {}, 'no claim would'],
    ['iss and aud', { iss: jwt.issuer, aud: 'amity' }, 'iss, aud would'],
    ['what every token has', { jti: 'x', exp: 'y' }, 'jti, exp would'],
    ["everyone's main branch", { ref: 'refs/heads/main' }, 'ref would'],
    [
      "everyone's production",
      { environment: 'production', event_name: 'push' },
      'environment, event_name would',
    ],
  ])('is an issuer whose required claims are %s', (_, requiredClaims, why) => {
    expect(mistakesIn({ api: claims(requiredClaims) })).toContain(
      `\n  ${WHOSE}${why} let all of them make images`,
    );
  });

  it.each([
    [
      'another word for none',
      { authorization: 'none' },
      `api.authorization must be one of iam, jwt, ${open}, got "none"`,
    ],
    [
      'tokens of no issuer',
      { authorization: 'jwt' },
      'api.jwt must name the issuer of the tokens, got nothing',
    ],
    [
      'IAM beside an issuer',
      { authorization: 'iam', jwt },
      'api.authorization must be jwt, or left out, where api.jwt is set, got "iam"',
    ],
    [
      'nothing beside an issuer',
      { authorization: open, jwt },
      `api.authorization must be jwt, or left out, where api.jwt is set, got "${open}"`,
    ],
    [
      'accounts beside an issuer',
      { jwt, callerAccounts: ['444455556666'] },
      'api.callerAccounts must be empty unless authorization is iam: only IAM knows accounts, got ["444455556666"]',
    ],
    [
      'accounts beside anyone',
      { authorization: open, callerAccounts: ['444455556666'] },
      'api.callerAccounts must be empty unless authorization is iam: only IAM knows accounts, got ["444455556666"]',
    ],
    [
      'a short account',
      { callerAccounts: ['4444'] },
      'api.callerAccounts[0] must be an account id of 12 digits, got "4444"',
    ],
    [
      'an account twice',
      { callerAccounts: ['444455556666', '444455556666'] },
      'api.callerAccounts must not name an account twice, got ["444455556666","444455556666"]',
    ],
    [
      'no claims',
      { jwt: { issuer: jwt.issuer, audience: 'amity' } },
      'api.jwt.requiredClaims must be an object of claims, one of which tells whose token it is, such as sub, got nothing',
    ],
    [
      'a wildcard',
      claims({ sub: 'repo:acme/*' }),
      'api.jwt.requiredClaims.sub must be the exact value of the claim: some text, without wildcards, got "repo:acme/*"',
    ],
    [
      'a wildcard in a list',
      claims({ sub: ['a', '*'] }),
      'api.jwt.requiredClaims.sub[1] must be the exact value of the claim: some text, without wildcards, got "*"',
    ],
    [
      'a number for a claim',
      claims({ repository_id: 4242 }),
      'api.jwt.requiredClaims.repository_id must be the exact text of the claim, or a list of such texts: no wildcards, no numbers, got 4242',
    ],
    [
      'an empty claim',
      claims({ sub: '' }),
      'api.jwt.requiredClaims.sub must be the exact value of the claim',
    ],
    ['an empty list', claims({ sub: [] }), 'api.jwt.requiredClaims.sub must hold at least one value, got []'],
    [
      'a value twice',
      claims({ sub: ['a', 'a'] }),
      'api.jwt.requiredClaims.sub must not name a value twice, got ["a","a"]',
    ],
    [
      'an issuer over plain http',
      { jwt: { ...jwt, issuer: 'http://ci.example' } },
      'api.jwt.issuer must be the https address that the tokens name as iss, to the letter, got "http://ci.example"',
    ],
    [
      'an issuer with a query',
      { jwt: { ...jwt, issuer: 'https://ci.example/?a' } },
      'api.jwt.issuer must be the https address',
    ],
    [
      'an issuer with a password',
      { jwt: { ...jwt, issuer: 'https://a:b@ci.example' } },
      'api.jwt.issuer must be the https address',
    ],
    [
      'no audience',
      { jwt: { ...jwt, audience: '' } },
      'api.jwt.audience must be the aud that callers ask their tokens for, got ""',
    ],
    [
      'keys over plain http',
      { jwt: { ...jwt, jwksUri: 'http://ci.example/keys' } },
      'api.jwt.jwksUri must be an https address, got "http://ci.example/keys"',
    ],
    [
      'a misspelt key',
      { jwt: { ...jwt, requiredclaims: {} } },
      'api.jwt.requiredclaims is no key of this configuration',
    ],
    [
      'no rate',
      { throttle: { ratePerSecond: 0 } },
      'api.throttle.ratePerSecond must be a whole number from 1 to 10000, got 0',
    ],
    [
      'half a burst',
      { throttle: { burst: 0.5 } },
      'api.throttle.burst must be a whole number from 1 to 5000, got 0.5',
    ],
  ])('is named: %s', (_, api, sentence) => {
    expect(mistakesIn({ api })).toContain(`\n  ${sentence}`);
  });
});
