import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { BAKES_FILE } from '../domain/bake/spec.ts';
import { AmiBakeRequested } from '../events/ami-bake-requested.ts';

const StandingBake = z.object({
  request: AmiBakeRequested.schema,
  onlyWhenBaseImageChanged: z.boolean(),
});
export type StandingBake = z.infer<typeof StandingBake>;

/** The configuration's `bakes[]`, as infra/bake.ts has put them beside the function. */
export function standingBakes(): StandingBake[] {
  const file = new URL(BAKES_FILE, import.meta.url);
  return z.array(StandingBake).parse(JSON.parse(readFileSync(file, 'utf8')));
}
