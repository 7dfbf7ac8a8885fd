import * as z from 'zod/mini';
import { defineEvent } from './event.ts';
import { rolloutDetail } from './rollout-fields.ts';

export const AmiRolledOut = defineEvent({
  detailType: 'AmiRolledOut',
  summary:
    'A launch template that follows the instance name has a new default version with the image; its groups are refreshed from now on.',
  schema: z.object(rolloutDetail),
});
export type AmiRolledOut = z.infer<typeof AmiRolledOut.schema>;
