import * as z from 'zod/mini';
import * as field from './fields.ts';

/** The body of `POST /create-ami`. Unknown fields are refused: a misspelt option must not be silently lost. */
export const CreateAmiBody = z.strictObject({
  instance_name_list: z
    .array(field.instanceName)
    .check(
      z.minLength(1, 'must name at least one instance'),
      z.maxLength(100, 'must name at most 100 instances'),
    ),
  reason: z.optional(field.reason),
  no_reboot: z.optional(field.noReboot),
  tags: z.optional(field.tags),
  retention_days: z.optional(field.retentionDays),
});
export type CreateAmiBody = z.infer<typeof CreateAmiBody>;
