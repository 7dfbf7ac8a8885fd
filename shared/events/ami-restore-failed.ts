import * as z from 'zod/mini';
import { RESTORE_FAILURES } from '../domain/failures.ts';
import { defineEvent } from './event.ts';

export const AmiRestoreFailed = defineEvent({
  detailType: 'AmiRestoreFailed',
  summary: 'An image cannot be brought back; `code` and `message` say why.',
  schema: z.object({
    code: z.enum(RESTORE_FAILURES),
    message: z.string(),
    /** When it was asked for: the time of the `AmiRestoreRequested`. */
    requestedAt: z.iso.datetime({ offset: true }),
    imageId: z.optional(z.string()),
  }),
});
export type AmiRestoreFailed = z.infer<typeof AmiRestoreFailed.schema>;
