import * as z from 'zod/mini';
import { defineEvent } from './event.ts';
import * as field from './fields.ts';

export const AmiRequested = defineEvent({
  detailType: 'AmiRequested',
  summary: 'Somebody wants an image of the oldest running instance with that name. May come from any source.',
  schema: z.object({
    instanceName: field.instanceName,
    /** That very instance of the name, and no other. */
    instanceId: z.optional(field.instanceId),
    requestId: z.optional(field.requestId),
    reason: z.optional(field.reason),
    noReboot: z.optional(field.noReboot),
    tags: z.optional(field.tags),
    retentionDays: z.optional(field.retentionDays),
  }),
});
export type AmiRequested = z.infer<typeof AmiRequested.schema>;
