import * as z from 'zod/mini';
import { defineEvent } from './event.ts';
import * as field from './fields.ts';

export const AmiMoveRequested = defineEvent({
  detailType: 'AmiMoveRequested',
  summary:
    'Somebody wants an instance in another subnet, and so in another Availability Zone: by way of an image, with a reboot. May come from any source in this account.',
  schema: z.object({
    instanceId: field.instanceId,
    subnetId: field.subnetId,
    /** Once the new instance has passed its status checks; it is never terminated. */
    stopSource: z.optional(z.boolean()),
    requestId: z.optional(field.requestId),
  }),
});
export type AmiMoveRequested = z.infer<typeof AmiMoveRequested.schema>;
