import type { BakeDefaults } from '../shared/domain/bake/spec.ts';
import { profileName } from './bake-schema.ts';
import type { Config } from './config-schema.ts';

/** What a request leaves open, as shared/domain/bake/spec.ts fills it. @param ownProfile the instance profile that Amity deploys */
export const bakeDefaults = ({ bake }: Config, ownProfile: string): BakeDefaults => ({
  instanceType: bake.instanceType,
  subnetIds: bake.subnetIds,
  securityGroupIds: bake.securityGroupIds,
  instanceProfiles: [ownProfile, ...bake.instanceProfiles.map(profileName)],
  kmsKeyArns: bake.kmsKeyArns,
});

/** What the functions are told: shared/runtime/bake-environment.ts reads it. */
export const bakeEnvironment = (config: Config, ownProfile: string) => ({
  BAKE: JSON.stringify({
    ...bakeDefaults(config, ownProfile),
    baseImageOwners: config.bake.baseImageOwners,
    userDataBuckets: config.bake.userDataBuckets,
  }),
});
