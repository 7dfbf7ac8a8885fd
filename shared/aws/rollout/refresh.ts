import * as z from 'zod/mini';
import { rolloutDetail } from '../../events/rollout-fields.ts';

/** What the workflow of a group's refresh is started with. */
export const Refresh = z.object({
  ...rolloutDetail,
  autoScalingGroupName: z.string(),
  kind: z.enum(['out', 'back']),
});
export type Refresh = z.infer<typeof Refresh>;
