import * as z from 'zod/mini';
import { defineEvent } from './event.ts';
import * as field from './fields.ts';

/** What every event about one image says of it. */
export const imageDetail = {
  requestId: field.requestId,
  attempt: field.attempt,
  instanceName: field.instanceName,
  imageId: field.imageId,
  imageName: z.string(),
  region: z.string(),
  instanceId: z.string(),
  reason: field.reason,
  noReboot: field.noReboot,
  /** Of a bake: what it was baked from. */
  baseImageId: z.optional(field.imageId),
};

export const AmiCreated = defineEvent({
  detailType: 'AmiCreated',
  summary: 'EC2 has accepted the image; it is pending.',
  schema: z.object(imageDetail),
});
export type AmiCreated = z.infer<typeof AmiCreated.schema>;
