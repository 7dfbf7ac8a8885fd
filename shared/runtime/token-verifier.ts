import {
  JwkInvalidKtyError,
  JwkInvalidUseError,
  JwtInvalidClaimError,
  JwtInvalidSignatureAlgorithmError,
  JwtInvalidSignatureError,
  JwtParseError,
  JwtWithoutValidKidError,
  KidNotFoundInJwksError,
} from 'aws-jwt-verify/error';
import { type Fetcher, SimpleFetcher } from 'aws-jwt-verify/https';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import { JwtVerifier } from 'aws-jwt-verify/jwt-verifier';
import * as z from 'zod/mini';

export interface Issuer {
  readonly issuer: string;
  readonly audience: string;
  /** Without it, what the issuer's own configuration says. */
  readonly jwksUri?: string | undefined;
}

/** The token is at fault, and no later try will find it better. Anything else that is thrown is not its fault. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

/** A key that the issuer has withdrawn is trusted no longer than this. */
const KEYS_MS = 60 * 60_000;

const THE_TOKENS_FAULT = [
  JwtParseError,
  JwtWithoutValidKidError,
  KidNotFoundInJwksError,
  JwkInvalidKtyError,
  JwkInvalidUseError,
  JwtInvalidSignatureAlgorithmError,
  JwtInvalidSignatureError,
  JwtInvalidClaimError,
];

/**
 * Checks signature, issuer, audience and times of tokens with the issuer's keys, which are fetched once and again
 * when one is unknown or an hour has passed; over https only, following no redirect (the default fetcher).
 * @throws TokenRefused
 */
export function tokenVerifier(issuer: Issuer, fetcher: Fetcher = new SimpleFetcher()) {
  let kept: { readonly verifier: ReturnType<typeof verifierOf>; readonly until: number } | undefined;
  return async (token: string, now: number): Promise<JwtPayload> => {
    if (!kept || kept.until <= now) kept = { verifier: verifierOf(issuer, fetcher), until: now + KEYS_MS };
    const verifier = await kept.verifier.catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    const claims = await verifier.verify(token).catch((error: unknown) => {
      if (!THE_TOKENS_FAULT.some((fault) => error instanceof fault)) throw error;
      throw new TokenRefused(error instanceof Error ? error.message : String(error), { cause: error });
    });
    // The library lets a token without an end live for ever.
    if (claims.exp === undefined) throw new TokenRefused('The token has no exp');
    return claims;
  };
}

async function verifierOf({ issuer, audience, jwksUri }: Issuer, fetcher: Fetcher) {
  const jwksCache = new SimpleJwksCache({ fetcher });
  const keys = jwksUri ?? (await discover(issuer, fetcher));
  return JwtVerifier.create({ issuer, audience, jwksUri: keys }, { jwksCache });
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
async function discover(issuer: string, fetcher: Fetcher): Promise<string> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const document = new TextDecoder().decode(await fetcher.fetch(address));
  const OpenIdConfiguration = z.object({
    issuer: z.literal(issuer),
    jwks_uri: z.url({ protocol: /^https$/ }),
  });
  return OpenIdConfiguration.parse(JSON.parse(document)).jwks_uri;
}
