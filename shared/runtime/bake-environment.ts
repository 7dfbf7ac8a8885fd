import * as z from 'zod/mini';
import { environment, text, whole } from './environment.ts';

const Settings = z.object({
  instanceType: z.string(),
  subnetIds: z.array(z.string()),
  securityGroupIds: z.array(z.string()),
  instanceProfiles: z.array(z.string()),
  kmsKeyArns: z.array(z.string()),
  baseImageOwners: z.array(z.string()),
  userDataBuckets: z.array(z.string()),
});

/** Of the configuration, as infra/bake.ts writes it. */
export const bakeSettings = () => Settings.parse(JSON.parse(environment({ BAKE: text }).BAKE));

/** What every step that settles a request needs. */
export function requestEnvironment() {
  const env = environment({ AWS_REGION: text, BUS_NAME: text, REQUESTS_TABLE: text, RECORD_DAYS: whole });
  const table = { tableName: env.REQUESTS_TABLE, recordDays: env.RECORD_DAYS };
  return { table, announcing: { table, busName: env.BUS_NAME, region: env.AWS_REGION } };
}
