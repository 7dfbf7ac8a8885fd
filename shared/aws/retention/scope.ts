import type { Retention } from '../../domain/retention/policy.ts';

/** What is looked at, and by which rules. */
export interface Scope {
  readonly region: string;
  /** All that Amity looks into. */
  readonly regions: readonly string[];
  readonly retention: Retention;
  readonly now: Date;
  /** Only this name's images; all of ours, and what was left behind of any, without it. */
  readonly instanceName?: string | undefined;
}
