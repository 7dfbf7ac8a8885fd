import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

interface Signing {
  readonly alg?: string;
  readonly kid?: string | undefined;
  /** Of the issuer's by default. */
  readonly key?: KeyObject;
}

/** An OpenID issuer: its documents, as an address gives them, and its tokens. */
export function newIssuer(address = 'https://issuer.example') {
  let keys = pair();
  let kid = 'key-1';
  const claims = (now = Date.now()) => {
    const seconds = Math.floor(now / 1000);
    return {
      iss: address,
      aud: 'amity',
      sub: 'repo:acme/service-api:ref:refs/heads/main',
      repository_id: '4242',
      ref: 'refs/heads/main',
      iat: seconds - 5,
      nbf: seconds - 5,
      exp: seconds + 300,
    };
  };
  const issuer = {
    address,
    /** What was asked for, in order. */
    asked: [] as string[],
    documents: new Map<string, unknown>(),
    claims,
    /** A signed token: RS256 with the issuer's key, unless told otherwise. */
    token(own: Record<string, unknown> = {}, { alg = 'RS256', key = keys.privateKey, ...as }: Signing = {}) {
      const input = `${json({ alg, kid: 'kid' in as ? as.kid : kid, typ: 'JWT' })}.${json({ ...claims(), ...own })}`;
      return `${input}.${createSign('RSA-SHA256').update(input).sign(key, 'base64url')}`;
    },
    /** Signed with the public key as if it were a secret: the oldest trick there is. */
    confused(alg = 'HS256') {
      const secret = keys.publicKey.export({ type: 'spki', format: 'pem' });
      const input = `${json({ alg, kid, typ: 'JWT' })}.${json(claims())}`;
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    },
    unsigned: (signature = '') => `${json({ alg: 'none', kid, typ: 'JWT' })}.${json(claims())}.${signature}`,
    /** Other keys from now on. */
    rotate(next = 'key-2') {
      [keys, kid] = [pair(), next];
      issuer.publish();
    },
    publish(jwksUri = `${address}/keys`) {
      const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
      issuer.documents.set(`${address}/.well-known/openid-configuration`, {
        issuer: address,
        jwks_uri: jwksUri,
      });
      issuer.documents.set(jwksUri, { keys: [jwk] });
    },
    /** As aws-jwt-verify's fetcher answers. */
    async fetch(uri: string): Promise<ArrayBuffer> {
      issuer.asked.push(uri);
      const document = issuer.documents.get(uri);
      if (!document) throw new Error(`Nothing answers at ${uri}`);
      const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    },
    stranger: pair().privateKey,
  };
  issuer.publish();
  return issuer;
}

export type Issuer = ReturnType<typeof newIssuer>;
