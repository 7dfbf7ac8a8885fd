import type * as z from 'zod';

/** Every token of an issuer has these; they tell what it is for and how long, not whose it is. */
const EVERY_TOKEN = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti'];

/** Issuers that everyone shares, whose tokens may also carry these, the same for every repository there is. */
const SHARED_ISSUERS = new Set(['https://token.actions.githubusercontent.com', 'https://gitlab.com']);
const OF_ANYBODY = [
  'ref',
  'ref_type',
  'ref_protected',
  'base_ref',
  'head_ref',
  'event_name',
  'environment',
  'environment_protected',
  'runner_environment',
  'pipeline_source',
  'repository_visibility',
  'workflow',
];

interface Tokens {
  readonly issuer: string;
  readonly requiredClaims: Readonly<Record<string, unknown>>;
}

/** Issuer and audience say nothing of the caller: any workflow of a CI gets a token for any audience it asks for. */
export function claimsTellWhose({ value, issues }: z.core.ParsePayload<Tokens>): void {
  const vague = SHARED_ISSUERS.has(value.issuer) ? [...EVERY_TOKEN, ...OF_ANYBODY] : EVERY_TOKEN;
  const names = Object.keys(value.requiredClaims);
  if (names.some((name) => !vague.includes(name))) return;
  const message =
    'must hold a claim that tells whose token it is, such as sub or repository_id: the issuer signs a token for ' +
    `your audience for anyone who asks, and ${names.join(', ') || 'no claim'} would let all of them make images`;
  issues.push({ code: 'custom', message, path: ['requiredClaims'], input: value.requiredClaims });
}

interface Authorization {
  readonly authorization?: string | undefined;
  readonly jwt?: object | undefined;
  readonly callerAccounts: readonly string[];
}

/** What contradicts itself is a mistake: nothing is let in by whichever key happens to win. */
export function authorizationFits({ value, issues }: z.core.ParsePayload<Authorization>): void {
  const mistake = (key: keyof Authorization, message: string) =>
    issues.push({ code: 'custom', message, path: [key], input: value[key] });
  const { authorization, jwt, callerAccounts } = value;
  if (authorization === 'jwt' && !jwt) mistake('jwt', 'must name the issuer of the tokens');
  if (authorization && authorization !== 'jwt' && jwt) {
    mistake('authorization', 'must be jwt, or left out, where api.jwt is set');
  }
  const byIam = authorization === 'iam' || (!authorization && !jwt);
  if (callerAccounts.length > 0 && !byIam) {
    mistake('callerAccounts', 'must be empty unless authorization is iam: only IAM knows accounts');
  }
}
