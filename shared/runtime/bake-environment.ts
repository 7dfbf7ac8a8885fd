import * as z from 'zod/mini';
import { environment, text } from './environment.ts';

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
