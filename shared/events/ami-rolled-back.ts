import * as z from 'zod/mini';
import { defineEvent } from './event.ts';
import { rolloutDetail } from './rollout-fields.ts';

export const AmiRolledBack = defineEvent({
  detailType: 'AmiRolledBack',
  summary:
    'A launch template has an earlier version for its default again; `previousImageId` is rejected, and never followed again.',
  schema: z.object(rolloutDetail),
});
export type AmiRolledBack = z.infer<typeof AmiRolledBack.schema>;
