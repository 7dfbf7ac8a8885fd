import type { Tags } from '../ownership.ts';
import type { RolloutFailure } from './failures.ts';

/** A group with this tag, `true`, is refreshed when its launch template is rolled out. */
export const REFRESH_TAG = 'amity:refresh';
const HEALTHY_TAG = 'amity:min-healthy-percentage';
const CHECKPOINTS_TAG = 'amity:checkpoints';

/** How a refresh goes about it; what is not said is as the service has it. */
export interface RefreshPreferences {
  /** Percent. */
  readonly minHealthy?: number | undefined;
  /** Percent, ascending; the last is 100. */
  readonly checkpoints?: readonly number[] | undefined;
}

/** What the tags of a group say of its refresh, or which of them says nothing that can be read. */
export function preferencesOf(groupName: string, tags: Tags): RefreshPreferences | RolloutFailure {
  const healthy = tags[HEALTHY_TAG]?.trim();
  const checkpoints = tags[CHECKPOINTS_TAG]?.split(/[\s,]+/).filter(Boolean);
  if (healthy !== undefined && !isPercentage(healthy, 0)) {
    return unreadable(groupName, HEALTHY_TAG, healthy, 'a whole number from 0 to 100');
  }
  if (checkpoints && !areAscending(checkpoints)) {
    return unreadable(
      groupName,
      CHECKPOINTS_TAG,
      checkpoints.join(' '),
      'ascending whole numbers from 1 to 100, such as "20 50 100"',
    );
  }
  return {
    ...(healthy !== undefined && { minHealthy: Number(healthy) }),
    ...(checkpoints?.length && { checkpoints: toTheEnd(checkpoints.map(Number)) }),
  };
}

const isPercentage = (text: string, least: number) =>
  /^\d{1,3}$/.test(text) && Number(text) >= least && Number(text) <= 100;

const areAscending = (texts: readonly string[]): boolean =>
  texts.every(
    (text, index) => isPercentage(text, 1) && (index === 0 || Number(texts[index - 1]) < Number(text)),
  );

/**
 * Without 100 for the last, the rest of the group would stay as it is.
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-adding-checkpoints-instance-refresh.html
 */
const toTheEnd = (checkpoints: readonly number[]): readonly number[] =>
  checkpoints.at(-1) === 100 ? checkpoints : [...checkpoints, 100];

const unreadable = (groupName: string, tag: string, value: string, rule: string): RolloutFailure => ({
  code: 'invalid-tag',
  message: `The tag ${tag} of ${groupName} must be ${rule}; got "${value}".`,
});

/** An instance refresh, as the service describes it. */
export interface RefreshFacts {
  readonly status: string;
  readonly reason?: string | undefined;
}

export type RefreshVerdict =
  | { readonly verdict: 'running' }
  | { readonly verdict: 'succeeded' }
  | ({ readonly verdict: 'failed' } & RolloutFailure);

/** Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html */
const ENDS: Record<string, RolloutFailure['code']> = {
  Failed: 'refresh-failed',
  Cancelled: 'refresh-cancelled',
  RollbackSuccessful: 'refresh-rolled-back',
  RollbackFailed: 'rollback-failed',
};

/** How a refresh stands; a state that we do not know may still change. */
export function verdictOnRefresh({ status, reason }: RefreshFacts): RefreshVerdict {
  if (status === 'Successful') return { verdict: 'succeeded' };
  const code = ENDS[status];
  return code
    ? { verdict: 'failed', code, message: reason || `The instance refresh is ${status}.` }
    : { verdict: 'running' };
}
