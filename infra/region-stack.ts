import { type App, Stack } from 'aws-cdk-lib';
import type { Config } from './config-schema.ts';
import { RecycleBin } from './constructs/recycle-bin.ts';

/** What Amity needs in another region that it cleans. */
export class RegionStack extends Stack {
  constructor(app: App, config: Config, region: string) {
    super(app, `${config.stackName}-${region}`, {
      env: { region },
      description: `Amity in ${region}: what clean-up deletes there can be brought back`,
    });
    if (config.retention.recycleBinDays > 0)
      new RecycleBin(this, 'RecycleBin', { days: config.retention.recycleBinDays });
  }
}
