import * as z from 'zod/mini';
import type { AmiBakeRequested } from './ami-bake-requested.ts';
import { bakeFields, KEY_NEEDS_ENCRYPTION } from './bake-fields.ts';

/** The body of `POST /bake-ami`. Unknown fields are refused: a misspelt option must not be silently lost. */
export const BakeAmiBody = z
  .strictObject({
    name: bakeFields.instanceName,
    base_image: bakeFields.baseImage,
    user_data: bakeFields.userData,
    instance_type: z.optional(bakeFields.instanceType),
    subnet_id: z.optional(bakeFields.subnetId),
    security_group_ids: z.optional(bakeFields.securityGroupIds),
    instance_profile: z.optional(bakeFields.instanceProfile),
    volume_size_gib: z.optional(bakeFields.volumeSizeGib),
    encrypted: z.optional(bakeFields.encrypted),
    kms_key_id: z.optional(bakeFields.kmsKeyId),
    timeout_minutes: z.optional(bakeFields.timeoutMinutes),
    validate: z.optional(bakeFields.validate),
    tags: z.optional(bakeFields.tags),
    reason: z.optional(bakeFields.reason),
    retention_days: z.optional(bakeFields.retentionDays),
  })
  .check(
    z.refine(({ kms_key_id, encrypted }) => !kms_key_id || encrypted === true, {
      error: KEY_NEEDS_ENCRYPTION,
      path: ['kms_key_id'],
    }),
  );
export type BakeAmiBody = z.infer<typeof BakeAmiBody>;

/** The same as an event has it. */
export const asBakeRequest = (body: BakeAmiBody): AmiBakeRequested => ({
  instanceName: body.name,
  baseImage: body.base_image,
  userData: body.user_data,
  instanceType: body.instance_type,
  subnetId: body.subnet_id,
  securityGroupIds: body.security_group_ids,
  instanceProfile: body.instance_profile,
  volumeSizeGib: body.volume_size_gib,
  encrypted: body.encrypted,
  kmsKeyId: body.kms_key_id,
  timeoutMinutes: body.timeout_minutes,
  validate: body.validate,
  tags: body.tags,
  reason: body.reason,
  retentionDays: body.retention_days,
});
