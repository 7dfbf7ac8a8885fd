import middy from '@middy/core';
import * as z from 'zod/mini';
import { refusal } from '../../shared/aws/auto-scaling.ts';
import { refreshOf } from '../../shared/aws/rollout/groups.ts';
import { type RefreshVerdict, verdictOnRefresh } from '../../shared/domain/rollout/refresh.ts';
import { environment, whole } from '../../shared/runtime/environment.ts';
import { log } from '../../shared/runtime/log.ts';

const env = environment({ TIMEOUT_MINUTES: whole });

const Question = z.object({
  autoScalingGroupName: z.string(),
  refreshId: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
});

/** Looks at an instance refresh once and says how it stands. */
export const handler = middy(async (event: unknown): Promise<RefreshVerdict> => {
  const { autoScalingGroupName: name, refreshId, startedAt } = Question.parse(event);
  try {
    const refresh = await refreshOf(name, refreshId);
    log.info('An instance refresh', {
      name,
      refreshId,
      status: refresh?.Status,
      percent: refresh?.PercentageComplete,
    });
    // One that was begun a moment ago may not be there to be seen.
    const verdict = verdictOnRefresh({
      status: refresh?.Status ?? 'Pending',
      reason: refresh?.RollbackDetails?.RollbackReason ?? refresh?.StatusReason,
    });
    return verdict.verdict === 'running' && isOverdue(startedAt)
      ? timedOut(refresh?.Status ?? 'unknown')
      : verdict;
  } catch (error) {
    const refused = refusal(error);
    if (!refused) throw error;
    const code = refused.code === 'ec2-rejected' ? 'group-gone' : refused.code;
    return { verdict: 'failed', code, message: refused.message };
  }
});

const isOverdue = (startedAt: string) => Date.now() - Date.parse(startedAt) > env.TIMEOUT_MINUTES * 60_000;

const timedOut = (status: string): RefreshVerdict => ({
  verdict: 'failed',
  code: 'timeout',
  message: `The instance refresh is ${status} after ${env.TIMEOUT_MINUTES} minutes, and is followed no longer.`,
});
