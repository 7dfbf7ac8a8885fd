import * as z from 'zod';
import { authorizationFits, claimsTellWhose } from './api-checks.ts';
import { accounts, listOf, section, text, whole, withoutDuplicates } from './config-fields.ts';

/** Everyone who knows the address: said in full, so that nobody writes it by accident. */
const NO_AUTHORIZATION = 'none-anyone-may-make-images';
const AUTHORIZATIONS = ['iam', 'jwt', NO_AUTHORIZATION] as const;

const address = (rule: string) => text(/^https:\/\/[^\s?#@/]+(\/[^\s?#]*)?$/, rule);

const claimValue = () =>
  text(/^[^*]+$/, 'must be the exact value of the claim: some text, without wildcards');

const claim = () =>
  z.union(
    [
      claimValue(),
      listOf(claimValue())
        .min(1, 'must hold at least one value')
        .refine(withoutDuplicates, 'must not name a value twice'),
    ],
    'must be the exact text of the claim, or a list of such texts: no wildcards, no numbers',
  );

export const Jwt = section({
  issuer: address('must be the https address that the tokens name as iss, to the letter').describe(
    'Who signs the tokens, for example https://token.actions.githubusercontent.com',
  ),
  audience: text(/^\S+$/, 'must be the aud that callers ask their tokens for').describe(
    'What the tokens are for: a word of your own, such as amity',
  ),
  requiredClaims: z
    .record(
      z.string(),
      claim(),
      'must be an object of claims, one of which tells whose token it is, such as sub',
    )
    .describe('Claims that a token must have to the letter: a text, or one of a list of texts'),
  jwksUri: address('must be an https address')
    .optional()
    .describe("Where the issuer's keys are; found through its openid-configuration when left out"),
}).check(claimsTellWhose);
export type Jwt = z.infer<typeof Jwt>;

/** Who may call `POST /create-ami`, and how often. */
export const Api = section({
  authorization: z
    .enum(AUTHORIZATIONS, `must be one of ${AUTHORIZATIONS.join(', ')}`)
    .optional()
    .describe('Default: jwt where api.jwt is set, otherwise iam'),
  jwt: Jwt.optional().describe('Tokens of an OpenID issuer, such as a CI system, in place of AWS IAM'),
  callerAccounts: accounts().describe('Other accounts whose roles may call, if their own account lets them'),
  throttle: section({
    ratePerSecond: whole(10_000).default(20),
    burst: whole(5_000).default(40),
  }).prefault({}),
}).check(authorizationFits);
export type Api = z.infer<typeof Api>;

export const authorizationOf = ({ authorization, jwt }: Api): (typeof AUTHORIZATIONS)[number] =>
  authorization ?? (jwt ? 'jwt' : 'iam');
