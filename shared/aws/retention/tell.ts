import { cleanedParts } from '../../domain/cleaned-parts.ts';
import type { Planned } from '../../domain/retention/planned.ts';
import { reportOf } from '../../domain/retention/report.ts';
import { AmiCleaned, MOST_OF_A_PART } from '../../events/ami-cleaned.ts';
import { log } from '../../runtime/log.ts';
import { publish } from '../bus.ts';
import { ec2ErrorFacts } from '../ec2.ts';
import { entriesOfRun } from './journal.ts';

/** Which run it is that is told of, and where. */
export interface Told {
  readonly runId: string;
  readonly trigger: AmiCleaned['trigger'];
  /** The table in which it is written down. */
  readonly journal: string;
  readonly busName: string;
  /** The region that goes without saying. */
  readonly home: string;
  /** Only this name's images; all of ours without it. */
  readonly instanceName?: string | undefined;
}

/** What a run left alone in a region, and what stood in its way. */
export interface Region {
  readonly region: string;
  readonly kept: readonly (Planned & { readonly region: string })[];
  readonly failed: AmiCleaned['failed'];
}

export type Report = Pick<AmiCleaned, 'counts' | 'failed'>;

/**
 * Tells all that the journal has of a run, whichever call did it, as one report.
 * @param broken why other regions could not be cleaned at all
 */
export async function tell(
  run: Told,
  regions: readonly Region[],
  broken: readonly unknown[],
): Promise<Report | undefined> {
  const { runId, trigger, instanceName, home } = run;
  const report = reportOf(
    await entriesOfRun(run.journal, runId),
    regions.flatMap(({ kept }) => kept),
    home,
  );
  const failed = [
    ...report.failed,
    ...regions.flatMap(({ region, failed }) =>
      failed.map((each) => ({ ...each, ...(region !== home && { region }) })),
    ),
    ...broken.map((error) => {
      const { name: code, message } = ec2ErrorFacts(error);
      return { code, message };
    }),
  ];
  const parts = cleanedParts(
    { runId, trigger, ...report, failed, ...(instanceName && { instanceName }) },
    MOST_OF_A_PART,
  );
  log.info('Cleaned up', { runId, trigger, instanceName, counts: parts[0]?.counts });
  await publish(run.busName, ...parts.map((part) => AmiCleaned.encode(part)));
  return parts[0] && { counts: parts[0].counts, failed };
}
