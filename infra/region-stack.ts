import { type App, Stack } from 'aws-cdk-lib';
import type { Config } from './config-schema.ts';
import { RecycleBin } from './constructs/recycle-bin.ts';

/** What Amity needs in another region that it cleans. */
class RegionStack extends Stack {
  constructor(app: App, { stackName, retention }: Config, region: string) {
    super(app, `${stackName}-${region}`, {
      env: { region },
      description: `Amity in ${region}: what clean-up deletes there can be brought back`,
    });
    new RecycleBin(this, 'RecycleBin', { days: retention.recycleBinDays });
  }
}

/**
 * None without a bin. Where the configuration names the region of Amity itself, what is deleted matches two rules of one
 * length, which is as good as one.
 */
export const regionStacks = (app: App, config: Config): Stack[] =>
  config.retention.recycleBinDays > 0
    ? config.retention.regions.map((region) => new RegionStack(app, config, region))
    : [];
