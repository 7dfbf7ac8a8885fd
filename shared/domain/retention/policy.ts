import type { Tags } from '../ownership.ts';

/** The SSM parameter that stops all deletion at once, without a deployment: `on`, or anything else. */
export const DELETION_SWITCH = '/amity/deletion';

/** What an image's tag says instead of its policy's `days`. */
export const RETENTION_DAYS_TAG = 'amity:retention-days';

/** At which age, in days, what becomes of an image. A stage without an age is switched off. */
export interface Stages {
  readonly deprecateDays?: number | undefined;
  readonly disableDays?: number | undefined;
  /** Then it is deleted. */
  readonly days: number;
  /** Available images of each name that age alone never touches. */
  readonly keepNewest: number;
}

/** Stages of their own for the instance names that match; what it does not say is as in the default. */
export interface NamedPolicy {
  /** Instance names, in which `*` is any text. */
  readonly names: readonly string[];
  readonly days?: number | undefined;
  readonly keepNewest?: number | undefined;
  readonly deprecateDays?: number | undefined;
  readonly disableDays?: number | undefined;
}

export interface Retention extends Stages {
  /** The first that matches a name counts. */
  readonly policies: readonly NamedPolicy[];
  readonly maxDeletionsPerRun: number;
  /** Of the images read, how many (0 to 1) a run may want to take out of service. */
  readonly stopAboveShare: number;
  /** How many of a launch template's newest versions count as use. */
  readonly launchTemplateVersions: number;
}

/** What is in force for an instance name. */
export function policyFor(retention: Retention, instanceName: string): Stages {
  const named = retention.policies.find(({ names }) => names.some((name) => matches(name, instanceName)));
  return {
    days: named?.days ?? retention.days,
    keepNewest: named?.keepNewest ?? retention.keepNewest,
    deprecateDays: named?.deprecateDays ?? retention.deprecateDays,
    disableDays: named?.disableDays ?? retention.disableDays,
  };
}

/** The age at which the image itself asks to be deleted; `unreadable` when nobody can say what it asks. */
export function ownDays(tags: Tags): number | 'unreadable' | undefined {
  const value = tags[RETENTION_DAYS_TAG];
  if (value === undefined) return undefined;
  return /^[1-9]\d{0,4}$/.test(value) ? Number(value) : 'unreadable';
}

/** The age at which an image, or a snapshot, with these tags is deleted: its own, or the policy's. */
export function daysOf(tags: Tags, policy: Stages): number {
  const own = ownDays(tags);
  return typeof own === 'number' ? own : policy.days;
}

const expressions = new Map<string, RegExp>();

function matches(pattern: string, name: string): boolean {
  const known = expressions.get(pattern);
  const expression =
    known ?? new RegExp(`^${pattern.replace(/[\\^$.|?+()[\]{}]/g, '\\$&').replaceAll('*', '.*')}$`, 'su');
  if (!known) expressions.set(pattern, expression);
  return expression.test(name);
}
