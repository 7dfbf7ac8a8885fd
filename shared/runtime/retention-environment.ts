import * as z from 'zod/mini';
import { environment, text } from './environment.ts';

const days = z.optional(z.int());

/** Of the configuration, as infra/clean-up.ts writes it. */
const Settings = z.object({
  days: z.int(),
  keepNewest: z.int(),
  deprecateDays: days,
  disableDays: days,
  policies: z.array(
    z.object({
      names: z.array(z.string()),
      days,
      keepNewest: z.optional(z.int()),
      deprecateDays: days,
      disableDays: days,
    }),
  ),
  maxDeletionsPerRun: z.int(),
  stopAboveShare: z.number(),
  launchTemplateVersions: z.int(),
  recycleBinDays: z.int(),
  regions: z.array(z.string()),
});

/** What every way into clean-up is told by the configuration. */
export function retentionEnvironment() {
  const env = environment({
    BUS_NAME: text,
    RETENTION: text,
    RETIRED_TABLE: text,
    AWS_REGION: text,
  });
  const { regions, recycleBinDays, ...retention } = Settings.parse(JSON.parse(env.RETENTION));
  return {
    busName: env.BUS_NAME,
    journal: env.RETIRED_TABLE,
    recycleBinDays,
    home: env.AWS_REGION,
    regions: [...new Set([env.AWS_REGION, ...regions])],
    retention,
  };
}
