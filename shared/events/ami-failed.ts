import * as z from 'zod/mini';
import { BAKE_STAGES } from '../domain/bake/stages.ts';
import { FAILURE_CODES } from '../domain/failures.ts';
import { defineEvent } from './event.ts';
import * as field from './fields.ts';

export const AmiFailed = defineEvent({
  detailType: 'AmiFailed',
  summary: 'There will be no image from this attempt; `code` and `message` say why.',
  schema: z.object({
    requestId: field.requestId,
    attempt: field.attempt,
    code: z.enum(FAILURE_CODES),
    message: z.string(),
    instanceName: z.optional(z.string()),
    imageId: z.optional(z.string()),
    imageName: z.optional(z.string()),
    /** Of a bake: how far it came. */
    stage: z.optional(z.enum(BAKE_STAGES)),
    /** The last lines of the builder's script. */
    output: z.optional(z.string()),
  }),
});
export type AmiFailed = z.infer<typeof AmiFailed.schema>;
