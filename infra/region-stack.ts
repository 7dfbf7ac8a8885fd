import { type App, Stack } from 'aws-cdk-lib';
import type { Config } from './config-schema.ts';
import { RecycleBin } from './constructs/recycle-bin.ts';

/**
 * What Amity needs in another region that it cleans. Where the configuration names the region of Amity itself, a resource
 * then matches two rules of one length, which is as good as one. Without a bin the stack is empty, which the CDK's CLI
 * takes for one to remove.
 */
class RegionStack extends Stack {
  constructor(app: App, { stackName, retention }: Config, region: string) {
    super(app, `${stackName}-${region}`, {
      env: { region },
      description: `Amity in ${region}: what clean-up deletes there can be brought back`,
    });
    const { recycleBinDays } = retention;
    if (recycleBinDays > 0) new RecycleBin(this, 'RecycleBin', { days: recycleBinDays });
  }
}

export const regionStacks = (app: App, config: Config): Stack[] =>
  config.retention.regions.map((region) => new RegionStack(app, config, region));
