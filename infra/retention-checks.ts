import type * as z from 'zod';

interface Stages {
  readonly days?: number | undefined;
  readonly deprecateDays?: number | undefined;
  readonly disableDays?: number | undefined;
}
interface Retention extends Stages {
  readonly policies: readonly (Stages & { readonly names: readonly string[] })[];
}

/** The functions are told all of it in one variable of their environment, of which they have 4 KB. */
const MOST_BYTES = 3_000;

/** Stages come one after the other, in the default policy and in each of its own, with what it takes from the default. */
export function policiesArePossible({ value, issues }: z.core.ParsePayload<Retention>): void {
  const report = (path: PropertyKey[], message: string, input: unknown) =>
    issues.push({ code: 'custom', message, path, input });
  const { policies, ...common } = value;
  for (const [path, policy] of [
    [[], common] as const,
    ...policies.map((policy, index) => [['policies', index], policy] as const),
  ]) {
    const { days, disableDays, deprecateDays } = { ...common, ...policy };
    for (const [earlier, age, later, limit] of [
      ['disableDays', disableDays, 'days', days],
      ['deprecateDays', deprecateDays, 'days', days],
      ['deprecateDays', deprecateDays, 'disableDays', disableDays],
    ] as const) {
      if (age === undefined || limit === undefined || age < limit) continue;
      report(
        [...path, earlier],
        `must be less than ${later} (${limit}): one stage comes after the other`,
        age,
      );
    }
  }
  const bytes = Buffer.byteLength(JSON.stringify(policies));
  if (bytes > MOST_BYTES)
    report(['policies'], `must be shorter: ${bytes} bytes as JSON, of ${MOST_BYTES}`, undefined);
}
