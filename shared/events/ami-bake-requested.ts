import * as z from 'zod/mini';
import { bakeFields, KEY_NEEDS_ENCRYPTION } from './bake-fields.ts';
import { defineEvent } from './event.ts';
import * as field from './fields.ts';

const schema = z.object({
  instanceName: bakeFields.instanceName,
  baseImage: bakeFields.baseImage,
  userData: bakeFields.userData,
  requestId: z.optional(field.requestId),
  instanceType: z.optional(bakeFields.instanceType),
  subnetId: z.optional(bakeFields.subnetId),
  securityGroupIds: z.optional(bakeFields.securityGroupIds),
  instanceProfile: z.optional(bakeFields.instanceProfile),
  volumeSizeGib: z.optional(bakeFields.volumeSizeGib),
  encrypted: z.optional(bakeFields.encrypted),
  kmsKeyId: z.optional(bakeFields.kmsKeyId),
  timeoutMinutes: z.optional(bakeFields.timeoutMinutes),
  validate: z.optional(bakeFields.validate),
  tags: z.optional(bakeFields.tags),
  reason: z.optional(bakeFields.reason),
  retentionDays: z.optional(bakeFields.retentionDays),
});

export const AmiBakeRequested = defineEvent({
  detailType: 'AmiBakeRequested',
  summary:
    'Somebody wants an image made from a base image: a builder is started from it, provisioned by user data, imaged and terminated. May come from any source in this account.',
  schema: schema.check(
    z.refine(({ kmsKeyId, encrypted }) => !kmsKeyId || encrypted === true, {
      error: KEY_NEEDS_ENCRYPTION,
      path: ['kmsKeyId'],
    }),
  ),
});
export type AmiBakeRequested = z.infer<typeof AmiBakeRequested.schema>;
