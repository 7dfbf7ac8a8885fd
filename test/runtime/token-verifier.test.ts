import { beforeEach, describe, expect, it } from 'vitest';
import { TokenRefused, tokenVerifier } from '../../shared/runtime/token-verifier.ts';
import { type Issuer, newIssuer } from '../support/issuer.ts';

const HOUR = 3_600_000;
let issuer: Issuer;
beforeEach(() => {
  issuer = newIssuer();
});

const verifier = (jwksUri?: string) =>
  tokenVerifier({ issuer: issuer.address, audience: 'amity', jwksUri }, issuer);
const now = () => Date.now();
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

describe('a token that is right', () => {
  it('gives its claims', async () => {
    expect(await verifier()(issuer.token({ environment: 'prod' }), now())).toMatchObject({
      sub: 'repo:acme/service-api:ref:refs/heads/main',
      environment: 'prod',
    });
  });

  it('may be for others too', async () => {
    expect(await verifier()(issuer.token({ aud: ['other', 'amity'] }), now())).toBeDefined();
  });
});

describe('a token is refused', () => {
  const refused: [string, () => string, RegExp][] = [
    ['signed by a stranger', () => issuer.token({}, { key: issuer.stranger }), /signature/i],
    ['with another payload', () => spliced(issuer.token(), issuer.token({ sub: 'me' })), /signature/i],
    ['with alg none and no signature', () => issuer.unsigned(), /./],
    ['with alg none and a signature', () => issuer.unsigned('AAAA'), /algorithm/],
    ['signed HS256 with the public key', () => issuer.confused(), /algorithm/],
    ['that calls an HMAC RS256', () => issuer.confused('RS256'), /signature/i],
    ['with another algorithm than the key’s', () => issuer.token({}, { alg: 'RS512' }), /algorithm/],
    ['of a key that the issuer does not have', () => issuer.token({}, { kid: 'key-9' }), /key-9/],
    ['without a key id', () => issuer.token({}, { kid: undefined }), /kid/],
    ['that has expired', () => issuer.token({ exp: inSeconds(-1) }), /expired/],
    ['that never expires', () => issuer.token({ exp: undefined }), /exp/],
    ['that expires in words', () => issuer.token({ exp: 'tomorrow' }), /exp/],
    ['that is not valid yet', () => issuer.token({ nbf: inSeconds(60) }), /before/],
    ['of another issuer', () => issuer.token({ iss: 'https://other.example' }), /Issuer/],
    ['whose issuer has a slash more', () => issuer.token({ iss: `${issuer.address}/` }), /Issuer/],
    ['without an issuer', () => issuer.token({ iss: undefined }), /Issuer/],
    ['for another audience', () => issuer.token({ aud: 'amity2' }), /Audience/],
    ['for nobody', () => issuer.token({ aud: undefined }), /Audience/],
    ['for an empty list', () => issuer.token({ aud: [] }), /Audience/],
    ['of two parts', () => issuer.token().split('.').slice(0, 2).join('.'), /JWT/],
    ['that is no JSON', () => `${Buffer.from('{').toString('base64url')}.e30.AAAA`, /JSON/],
    ['that is nothing', () => '', /JWT/],
    ['that is an essay', () => 'x'.repeat(10_000), /JWT/],
  ];
  it.each(refused)('%s', async (_, token, why) => {
    const refusal = verifier()(token(), now());
    await expect(refusal).rejects.toThrow(TokenRefused);
    await expect(refusal).rejects.toThrow(why);
  });

  const spliced = (token: string, other: string) =>
    [token.split('.')[0], other.split('.')[1], token.split('.')[2]].join('.');
});

describe('the keys', () => {
  it('are found by the configuration of the issuer, and kept', async () => {
    const verify = verifier();
    await verify(issuer.token(), now());
    await verify(issuer.token(), now());
    expect(issuer.asked).toEqual([
      'https://issuer.example/.well-known/openid-configuration',
      'https://issuer.example/keys',
    ]);
  });

  it('are where the configuration of Amity says', async () => {
    issuer.publish('https://keys.example/set');
    await verifier('https://keys.example/set')(issuer.token(), now());
    expect(issuer.asked).toEqual(['https://keys.example/set']);
  });

  it('are asked for again when one is new', async () => {
    const verify = verifier();
    await verify(issuer.token(), now());
    issuer.rotate();
    await expect(verify(issuer.token(), now())).resolves.toBeDefined();
  });

  it('that were withdrawn are trusted for an hour at most', async () => {
    const verify = verifier();
    const [token, start] = [issuer.token({ exp: inSeconds(9_000) }), now()];
    await verify(token, start);
    issuer.rotate();
    await expect(verify(token, start + HOUR - 1)).resolves.toBeDefined();
    await expect(verify(token, start + HOUR)).rejects.toThrow(TokenRefused);
  });

  it.each<[string, string, unknown]>([
    ['no configuration', '/.well-known/openid-configuration', undefined],
    ['a configuration that is no JSON', '/.well-known/openid-configuration', '<html>'],
    [
      "another issuer's configuration",
      '/.well-known/openid-configuration',
      { issuer: 'https://other.example', jwks_uri: 'https://other.example/keys' },
    ],
    [
      'keys over plain http',
      '/.well-known/openid-configuration',
      { issuer: 'https://issuer.example', jwks_uri: 'http://issuer.example/keys' },
    ],
    ['no keys', '/keys', undefined],
    ['keys that are none', '/keys', { keys: 'none' }],
  ])('are not believed, nor is the token blamed: %s; the next call asks again', async (_, path, document) => {
    const verify = verifier();
    issuer.documents.set(`${issuer.address}${path}`, document);
    const failure = await verify(issuer.token(), now()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(TokenRefused);
    issuer.publish();
    await expect(verify(issuer.token(), now())).resolves.toBeDefined();
  });

  it('are fetched over https alone', async () => {
    const verify = tokenVerifier({
      issuer: issuer.address,
      audience: 'amity',
      jwksUri: 'http://127.0.0.1:9/keys',
    });
    await expect(verify(issuer.token(), now())).rejects.toThrow(/Protocol "http:" not supported/);
  });
});
