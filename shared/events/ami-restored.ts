import * as z from 'zod/mini';
import { defineEvent } from './event.ts';
import * as field from './fields.ts';

export const AmiRestored = defineEvent({
  detailType: 'AmiRestored',
  summary:
    'An image is back in service, its tags and whom it is shared with as they were; `undone` says from which stages.',
  schema: z.object({
    imageId: field.imageId,
    /** When it was asked for: the time of the `AmiRestoreRequested`. */
    requestedAt: z.iso.datetime({ offset: true }),
    imageName: z.string(),
    instanceName: z.string(),
    region: z.string(),
    snapshotIds: z.array(z.string()),
    undone: z.array(z.enum(['delete', 'disable', 'deprecate'])),
  }),
});
export type AmiRestored = z.infer<typeof AmiRestored.schema>;
