import * as z from 'zod/mini';
import { MOVE_FAILURES } from '../domain/move/failures.ts';
import { defineEvent } from './event.ts';

export const AmiMoveFailed = defineEvent({
  detailType: 'AmiMoveFailed',
  summary:
    'An instance was not moved; `code` and `message` say why. The source runs on; a new instance that was started is named, and stays.',
  schema: z.object({
    code: z.enum(MOVE_FAILURES),
    message: z.string(),
    sourceInstanceId: z.optional(z.string()),
    instanceId: z.optional(z.string()),
    imageId: z.optional(z.string()),
    instanceName: z.optional(z.string()),
    subnetId: z.optional(z.string()),
    requestId: z.string(),
  }),
});
export type AmiMoveFailed = z.infer<typeof AmiMoveFailed.schema>;
