import middy from '@middy/core';
import type { APIGatewayAuthorizerResult, APIGatewayTokenAuthorizerEvent, Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { differingClaims } from '../../shared/domain/claims.ts';
import { environment, text } from '../../shared/runtime/environment.ts';
import { log } from '../../shared/runtime/log.ts';
import { TokenRefused, tokenVerifier } from '../../shared/runtime/token-verifier.ts';

const RequiredClaims = z
  .record(z.string(), z.union([text, z.array(text).check(z.minLength(1))]))
  .check(z.refine((claims) => Object.keys(claims).length > 0, 'must hold a claim'));

const env = environment({
  ISSUER: text,
  AUDIENCE: text,
  JWKS_URI: z.optional(text),
  REQUIRED_CLAIMS: z.pipe(
    z.pipe(
      text,
      z.transform((json) => JSON.parse(json)),
    ),
    RequiredClaims,
  ),
});
const verify = tokenVerifier({ issuer: env.ISSUER, audience: env.AUDIENCE, jwksUri: env.JWKS_URI });

/**
 * Says whether the bearer of a token may call. A token that is not right is answered with 401, one that is right
 * but another's with 403; when the issuer cannot be asked nobody is let in, and the caller is told to try again.
 */
export const handler = middy(
  async (event: APIGatewayTokenAuthorizerEvent, context: Context): Promise<APIGatewayAuthorizerResult> => {
    log.addContext(context);
    const claims = await verify(tokenIn(event.authorizationToken), Date.now()).catch(refused);
    if (!claims.sub) return refused(new TokenRefused('The token has no sub'));
    const differing = differingClaims(env.REQUIRED_CLAIMS, claims);
    if (differing.length > 0) {
      log.warn("A token's claims are not the required ones", { sub: claims.sub, claims: differing });
    }
    return verdict(differing.length > 0 ? 'Deny' : 'Allow', claims.sub, event.methodArn);
  },
);

const tokenIn = (header: string): string => /^Bearer +(\S+)$/i.exec(header)?.[1] ?? '';

/** API Gateway answers 401 to exactly this word, and 500 to any other error. */
function refused(error: unknown): never {
  if (!(error instanceof TokenRefused)) throw error;
  log.warn('A token was refused', { why: error.message });
  throw new Error('Unauthorized');
}

/** The caller, as requests know it from now on, and whether it may do the one thing that there is. */
const verdict = (
  Effect: 'Allow' | 'Deny',
  principalId: string,
  Resource: string,
): APIGatewayAuthorizerResult => ({
  principalId,
  policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }] },
});
