import * as z from 'zod/mini';
import { defineEvent } from './event.ts';

/** A report that is larger comes in parts: at most so many entries, within the 256 KB that PutEvents takes. */
export const MOST_OF_A_PART = { entries: 500, bytes: 200 * 1024 };

const image = { imageId: z.string(), imageName: z.string(), ageDays: z.number() };
const count = z.int().check(z.gte(0));

export const AmiCleaned = defineEvent({
  detailType: 'AmiCleaned',
  summary: 'A clean-up run has ended: what was deleted, what was kept although old, and what failed.',
  schema: z.object({
    runId: z.string(),
    trigger: z.enum(['schedule', 'available', 'apply']),
    part: z.int().check(z.gte(1)),
    parts: z.int().check(z.gte(1)),
    /** Of the whole run, not of this part. */
    counts: z.object({ deleted: count, kept: count, failed: count }),
    deleted: z.array(z.object({ ...image, snapshotIds: z.array(z.string()) })),
    kept: z.array(z.object({ ...image, reason: z.string() })),
    failed: z.array(
      z.object({
        imageId: z.optional(z.string()),
        imageName: z.optional(z.string()),
        code: z.string(),
        message: z.string(),
      }),
    ),
    instanceName: z.optional(z.string()),
  }),
});
export type AmiCleaned = z.infer<typeof AmiCleaned.schema>;
