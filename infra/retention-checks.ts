import type * as z from 'zod';

/** One stage comes after the other. */
const ORDER = [
  ['disableDays', 'days'],
  ['deprecateDays', 'days'],
  ['deprecateDays', 'disableDays'],
] as const;

type Age = (typeof ORDER)[number][number];
type Ages = { readonly [age in Age]?: unknown };
interface Retention extends Ages {
  readonly policies: readonly Ages[];
}

/**
 * A function's environment holds 4 KB, names and values, and these settings are one variable of it. The rest of it are
 * names: of the bus (256 characters at most), a table (255) and a queue.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
const MOST_BYTES = 3_300;

/** What the functions are told: all but when they run. */
export function retentionSettings<Of extends object>(retention: Of): string {
  return JSON.stringify({ ...retention, schedule: undefined });
}

/**
 * Names what can never be, in the default policy and in each of its own with what it takes from the default; beside
 * whatever else is wrong, so any value can be of any kind.
 */
export function policiesArePossible(retention: Retention, context: z.core.$RefinementCtx): void {
  const report = (path: PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', message, path, input: retention });
  for (const [age, message] of impossible(retention)) report([age], message);
  for (const [index, policy] of listOf(retention.policies).entries())
    for (const [age, message] of impossible(policy, retention)) report(['policies', index, age], message);
  const bytes = Buffer.byteLength(retentionSettings(retention));
  if (bytes > MOST_BYTES)
    report(
      ['policies'],
      `must be shorter: all of retention may have ${MOST_BYTES} bytes as JSON, not ${bytes}`,
    );
}

/** Of the two ages that do not go together, the one that is the policy's own. What the default alone says is told there. */
function* impossible(policy: Ages, common: Ages = {}): Generator<[Age, string]> {
  const days = (age: Age) => validOrNone(age in policy ? policy[age] : common[age]);
  for (const [earlier, later] of ORDER) {
    const [first, last] = [days(earlier), days(later)];
    if (first === undefined || last === undefined || first < last) continue;
    if (earlier in policy)
      yield [earlier, `must be less than ${later} (${last}): one stage comes after the other`];
    else if (later in policy)
      yield [
        later,
        `must be more than ${earlier} (${first} in the default policy): one stage comes after the other`,
      ];
  }
}

/** What is wrong by itself is told already. */
const validOrNone = (days: unknown): number | undefined =>
  typeof days === 'number' && Number.isInteger(days) && days >= 1 ? days : undefined;

const listOf = (policies: unknown): Ages[] =>
  Array.isArray(policies) ? policies.map((each) => (typeof each === 'object' && each ? each : {})) : [];
