import type { ImageFacts } from '../../domain/retention/facts.ts';
import type { Planned } from '../../domain/retention/planned.ts';
import type { Outcome } from '../../domain/retention/retired.ts';
import type { Scope } from './scope.ts';

/** What acting on a plan needs to know, and whom to ask. */
export interface Acting extends Scope {
  readonly runId: string;
  /** How many images and snapshots this run may still delete. */
  readonly mostDeletions: number;
  /** The table in which it is written down. */
  readonly journal: string;
  /** How long, in days, the Recycle Bin keeps what is deleted; 0 where there is no bin. */
  readonly recycleBinDays: number;
  /** Whether there is time for ten images more. */
  readonly hasTime: () => boolean;
  /** Why nothing may be touched now, if so. */
  readonly switchedOff: () => Promise<string | undefined>;
  readonly carryOut: (entry: Planned, image: ImageFacts | undefined) => Promise<Outcome>;
}
