import { act } from '../../shared/aws/retention/act.ts';
import type { Acting } from '../../shared/aws/retention/acting.ts';
import { carrier } from '../../shared/aws/retention/carry-out.ts';
import { survey } from '../../shared/aws/retention/survey.ts';
import { planRetention } from '../../shared/domain/retention/plan.ts';
import type { CleanUpWorld } from './clean-up-world.ts';
import { NOW } from './events.ts';
import { scope } from './scope.ts';

export const uncapped = { ...scope({ now: NOW }).retention, maxDeletionsPerRun: Number.POSITIVE_INFINITY };
const acting = (overrides: Partial<Acting> = {}): Acting => ({
  ...scope({ retention: uncapped }),
  runId: 'run',
  mostDeletions: 50,
  journal: 'retired',
  recycleBinDays: 7,
  hasTime: () => true,
  switchedOff: async () => undefined,
  carryOut: carrier('us-east-1', true),
  ...overrides,
});

/** Surveys and plans, lets something happen meanwhile, and acts. */
export async function runOn(
  world: CleanUpWorld,
  overrides: Partial<Acting> = {},
  meanwhile: () => void = () => undefined,
) {
  const how = acting(overrides);
  const facts = await survey(how);
  const plan = planRetention(facts, how.retention, how.now);
  meanwhile();
  world.calls.names.length = 0;
  const acted = await act(plan, facts, how);
  return { ...acted, reasons: acted.kept.map(({ imageId, against }) => [imageId, ...against]) };
}
