import * as z from 'zod/mini';
import { defineEvent } from './event.ts';
import * as field from './fields.ts';

export const AmiRestoreRequested = defineEvent({
  detailType: 'AmiRestoreRequested',
  summary:
    'Somebody wants an image back that retention deprecated, disabled or deleted: out of the Recycle Bin too. May come from any source in this account.',
  schema: z.object({
    imageId: field.imageId,
    /** Where it is not the region of the stack. */
    region: z.optional(field.region),
  }),
});
export type AmiRestoreRequested = z.infer<typeof AmiRestoreRequested.schema>;
