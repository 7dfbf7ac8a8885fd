import * as z from 'zod/mini';
import { defineEvent } from './event.ts';

/** A report that is larger comes in parts: at most so many entries, within the 256 KB that PutEvents takes. */
export const MOST_OF_A_PART = { entries: 500, bytes: 200 * 1024 };

const named = {
  imageId: z.string(),
  imageName: z.string(),
  /** Where it is not the region of the stack. */
  region: z.optional(z.string()),
};
const aged = { ...named, ageDays: z.number() };
const count = z.int().check(z.gte(0));

export const AmiCleaned = defineEvent({
  detailType: 'AmiCleaned',
  summary: 'A clean-up run has ended: what was deleted, what was kept although old, and what failed.',
  schema: z.object({
    runId: z.string(),
    trigger: z.enum(['schedule', 'available', 'apply']),
    part: z.int().check(z.gte(1)),
    parts: z.int().check(z.gte(1)),
    /** Of the whole run, not of this part; the stages only where there was something. */
    counts: z.object({
      deleted: count,
      kept: count,
      failed: count,
      deprecated: z.optional(count),
      disabled: z.optional(count),
    }),
    /** Full sizes of what was deleted in the whole run: an upper bound, since snapshots share blocks. */
    bytes: count,
    deleted: z.array(z.object({ ...aged, snapshotIds: z.array(z.string()), bytes: count })),
    kept: z.array(z.object({ ...aged, snapshotId: z.optional(z.string()), reason: z.string() })),
    failed: z.array(
      z.object({
        ...named,
        imageId: z.optional(z.string()),
        imageName: z.optional(z.string()),
        code: z.string(),
        message: z.string(),
      }),
    ),
    deprecated: z.optional(z.array(z.object(aged))),
    disabled: z.optional(z.array(z.object(aged))),
    instanceName: z.optional(z.string()),
  }),
});
export type AmiCleaned = z.infer<typeof AmiCleaned.schema>;
