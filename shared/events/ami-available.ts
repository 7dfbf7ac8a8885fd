import * as z from 'zod/mini';
import { imageDetail } from './ami-created.ts';
import { defineEvent } from './event.ts';

export const AmiAvailable = defineEvent({
  detailType: 'AmiAvailable',
  summary: 'The image can be launched. Announced once, by the waiter.',
  schema: z.object({
    ...imageDetail,
    createdAt: z.iso.datetime({ offset: true }),
    snapshotIds: z.array(z.string()),
  }),
});
export type AmiAvailable = z.infer<typeof AmiAvailable.schema>;
