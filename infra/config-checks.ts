import type * as z from 'zod';

/**
 * Step Functions ends an execution at 25,000 events; one poll writes 13. The rest is for retries.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const MOST_POLLS = 1_500;

interface Waiter {
  readonly pollSeconds: number;
  readonly timeoutMinutes: number;
}

/** A waiter that polls too often for its deadline would end without a word. */
export function pollsFit({ value, issues }: z.core.ParsePayload<Waiter>): void {
  const seconds = value.timeoutMinutes * 60;
  const polls = Math.ceil(seconds / value.pollSeconds);
  if (polls <= MOST_POLLS) return;
  const message =
    `must be at least ${Math.ceil(seconds / MOST_POLLS)} for a timeoutMinutes of ${value.timeoutMinutes} ` +
    `(one execution holds ${MOST_POLLS} polls, not ${polls})`;
  issues.push({ code: 'custom', message, path: ['pollSeconds'], input: value.pollSeconds });
}

/** Two entries for one receiver would take each other's events for told. */
export function receiversDiffer({
  value,
  issues,
}: z.core.ParsePayload<readonly { readonly urlParameter: string }[]>): void {
  for (const [index, { urlParameter: input }] of value.entries()) {
    const first = value.findIndex(({ urlParameter }) => urlParameter === input);
    if (first === index) continue;
    const message = `must differ from notifications[${first}]'s: one entry names all events of a receiver`;
    issues.push({ code: 'custom', message, path: [index, 'urlParameter'], input });
  }
}
