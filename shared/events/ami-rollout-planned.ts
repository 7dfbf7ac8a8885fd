import * as z from 'zod/mini';
import { PLANNED } from '../domain/rollout/failures.ts';
import { defineEvent } from './event.ts';
import { partialRollout } from './rollout-fields.ts';

export const AmiRolloutPlanned = defineEvent({
  detailType: 'AmiRolloutPlanned',
  summary: 'What would be changed, if `rollout.dryRun` were not set; nothing is.',
  schema: z.object({ ...partialRollout, code: z.enum(PLANNED), message: z.string() }),
});
export type AmiRolloutPlanned = z.infer<typeof AmiRolloutPlanned.schema>;
