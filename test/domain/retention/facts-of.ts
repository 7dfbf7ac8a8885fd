import type { Facts, ImageFacts, SnapshotFacts } from '../../../shared/domain/retention/facts.ts';
import type { Plan } from '../../../shared/domain/retention/plan.ts';
import type { Planned } from '../../../shared/domain/retention/planned.ts';
import type { Retention } from '../../../shared/domain/retention/policy.ts';
import { DAY } from '../../support/clock.ts';
import { NOW } from '../../support/events.ts';

export const RETENTION: Retention = {
  days: 14,
  keepNewest: 1,
  policies: [],
  maxDeletionsPerRun: 50,
  stopAboveShare: 0.5,
  launchTemplateVersions: 10,
};

export const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * DAY);

/** An image of `service-api`. */
export const image = (imageId: string, age: number, overrides: Partial<ImageFacts> = {}): ImageFacts => ({
  imageId,
  imageName: `name-of-${imageId}`,
  state: 'available',
  createdAt: daysAgo(age),
  snapshotIds: [],
  isProtected: false,
  ...overrides,
  tags: { 'amity:instance-name': 'service-api', ...overrides.tags },
});

/** A snapshot of `service-api` whose image is gone. */
export const snapshot = (
  snapshotId: string,
  age: number,
  overrides: Partial<SnapshotFacts> = {},
): SnapshotFacts => ({
  snapshotId,
  state: 'completed',
  startedAt: daysAgo(age),
  bytes: 0,
  madeFor: 'ami-gone',
  ...overrides,
  tags: { 'amity:instance-name': 'service-api', ...overrides.tags },
});

/** One row of a table: facts, the policy as far as it is not the default, and the plan that they give. */
export interface PlanCase {
  readonly name: string;
  readonly images?: readonly ImageFacts[];
  readonly snapshots?: readonly SnapshotFacts[];
  /** Who is not named here has been asked about, and has no users. */
  readonly users?: Readonly<Record<string, readonly string[] | 'nobody asked'>>;
  readonly unread?: readonly string[];
  readonly retention?: Partial<Retention>;
  /** As `told` tells it. */
  readonly plan: readonly string[];
  readonly stopped?: string;
}

/** There is always one that is new: else what a row tells of would be the newest of its name. */
const NEW = image('new', 1);

export function factsOf({ images = [], snapshots = [], users = {}, unread = [] }: Partial<PlanCase>): Facts {
  const ids = [
    ...images.map(({ imageId }) => imageId),
    ...snapshots.map(({ snapshotId }) => snapshotId),
    NEW.imageId,
  ];
  const asked = new Map([...ids.map((id) => [id, []] as const), ...Object.entries(users)]);
  return {
    images: [NEW, ...images],
    snapshots,
    uses: {
      users: new Map([...asked].flatMap(([id, names]) => (names === 'nobody asked' ? [] : [[id, names]]))),
      unread,
    },
  };
}

/** `{id}: {action} ({for}), {bytes} B: {against}`; of an action that something stands against, `no {action}`. */
function told({ entries }: Plan): string[] {
  return entries.filter(({ imageId }) => imageId !== NEW.imageId).map(line);
}

function line({ snapshotId, imageId, action, wanted, bytes, for: reasons, against }: Planned): string {
  return [
    `${snapshotId ?? imageId}: ${action === wanted ? action : `no ${wanted}`}`,
    reasons.length > 0 && ` (${reasons.join(', ')})`,
    bytes > 0 && `, ${bytes} B`,
    against.length > 0 && `: ${against.join(', ')}`,
  ]
    .filter(Boolean)
    .join('');
}

/** What a plan with these functions makes of a row; the functions are another's where a mutation is tried. */
export function outcomeOf(
  { retention, ...row }: PlanCase,
  planRetention: (facts: Facts, retention: Retention, now: Date) => Plan,
): Pick<PlanCase, 'plan' | 'stopped'> {
  const plan = planRetention(factsOf(row), { ...RETENTION, ...retention }, NOW);
  return { plan: told(plan), ...(plan.stopped && { stopped: plan.stopped }) };
}

/** What a row says of that. */
export const expectedOf = ({ plan, stopped }: PlanCase): Pick<PlanCase, 'plan' | 'stopped'> => ({
  plan,
  ...(stopped && { stopped }),
});
