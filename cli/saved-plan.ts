import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { ACTIONS } from '../shared/domain/retention/planned.ts';
import { check, sentenceOf } from '../shared/events/problems.ts';

/** A plan as `npm run plan -- --out FILE` saves it; of its entries, what it takes to apply them. */
const SavedPlan = z.object({
  version: z.literal(1),
  region: z.string(),
  plannedAt: z.string(),
  plans: z.readonly(
    z.array(
      z.object({
        region: z.string(),
        entries: z.readonly(
          z.array(
            z.object({ action: z.enum(ACTIONS), imageId: z.string(), snapshotId: z.optional(z.string()) }),
          ),
        ),
      }),
    ),
  ),
});
export type SavedPlan = z.infer<typeof SavedPlan>;

/** Reads a saved plan, or says what is wrong with the file. */
export async function readPlan(path: string): Promise<SavedPlan> {
  const { data, problems } = check(SavedPlan, JSON.parse(await readFile(path, 'utf8')));
  if (!data) throw new Error(`${path} is no saved plan: ${sentenceOf(problems)}`);
  return data;
}
