import * as z from 'zod/mini';
import { defineEvent } from './event.ts';
import * as field from './fields.ts';

export const AmiMoved = defineEvent({
  detailType: 'AmiMoved',
  summary: 'An instance like the source runs in the target subnet, and has passed its status checks.',
  schema: z.object({
    sourceInstanceId: field.instanceId,
    instanceId: field.instanceId,
    imageId: field.imageId,
    instanceName: z.string(),
    subnetId: z.string(),
    /** Whether the source was asked to stop. */
    sourceStopped: z.boolean(),
    requestId: z.string(),
  }),
});
export type AmiMoved = z.infer<typeof AmiMoved.schema>;
