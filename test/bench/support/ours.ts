import { ec2In } from '../../../shared/aws/ec2.ts';
import { cleanUp } from '../../../shared/aws/retention/clean-up.ts';
import type { Retention } from '../../../shared/domain/retention/policy.ts';
import { sleep } from '../../../shared/runtime/sleep.ts';
import { NOW } from './scene.ts';
import type { VirtualEc2 } from './virtual-ec2.ts';

/** As in the infrastructure and the handler: a function's time, and how much of it is kept for the report. */
const FUNCTION_MS = 15 * 60_000;
const RESERVE_MS = 90_000;
/** From one call of the state machine to the next. */
const BETWEEN_MS = 1_000;

const RETENTION: Retention = {
  days: 14,
  keepNewest: 2,
  policies: [],
  maxDeletionsPerRun: Number.MAX_SAFE_INTEGER,
  stopAboveShare: 1,
  launchTemplateVersions: 10,
};

/** Our clean-up, called as the state machine calls it, until it is done. The region is a client's own. */
export async function ours(ec2: VirtualEc2, region: string, stages: Partial<Retention> = {}): Promise<void> {
  ec2.answers(ec2In(region));
  for (;;) {
    const end = Date.now() + FUNCTION_MS - RESERVE_MS;
    const { done, report } = await cleanUp({
      runId: `bench-${region}`,
      trigger: 'schedule',
      busName: 'amity',
      journal: 'retired',
      home: region,
      regions: [region],
      cleaned: [region],
      recycleBinDays: 7,
      retention: { ...RETENTION, ...stages },
      now: NOW,
      hasTime: () => Date.now() < end,
      continues: true,
    });
    if (report && report.failed.length > 0) throw new Error(`Failed: ${JSON.stringify(report.failed)}`);
    if (done) return;
    await sleep(BETWEEN_MS);
  }
}
