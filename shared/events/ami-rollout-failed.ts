import * as z from 'zod/mini';
import { ROLLOUT_FAILURES } from '../domain/rollout/failures.ts';
import { defineEvent } from './event.ts';
import { partialRollout } from './rollout-fields.ts';

export const AmiRolloutFailed = defineEvent({
  detailType: 'AmiRolloutFailed',
  summary:
    'A launch template, a group or a pointer did not get what it was to get; `code` and `message` say why.',
  schema: z.object({ ...partialRollout, code: z.enum(ROLLOUT_FAILURES), message: z.string() }),
});
export type AmiRolloutFailed = z.infer<typeof AmiRolloutFailed.schema>;
