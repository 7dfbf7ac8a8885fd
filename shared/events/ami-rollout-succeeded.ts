import * as z from 'zod/mini';
import { defineEvent } from './event.ts';
import { rolloutDetail } from './rollout-fields.ts';

export const AmiRolloutSucceeded = defineEvent({
  detailType: 'AmiRolloutSucceeded',
  summary: 'Every instance of an Auto Scaling group runs the version that was rolled out, or back.',
  schema: z.object({ ...rolloutDetail, autoScalingGroupName: z.string() }),
});
export type AmiRolloutSucceeded = z.infer<typeof AmiRolloutSucceeded.schema>;
