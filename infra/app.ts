import { resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { AmityStack } from './amity-stack.ts';
import { bundleHandlers, sizeTable } from './bundle.ts';
import { ConfigError, loadConfig } from './config.ts';
import type { Config } from './config-schema.ts';
import { regionStacks } from './region-stack.ts';

const app = new App();
const path: unknown = app.node.tryGetContext('config') ?? 'amity.config.json';
const config = configOf(resolve(String(path)));
const bundle = await bundleHandlers();
console.error(sizeTable(bundle));
new AmityStack(app, { config, handlers: bundle.directory });
regionStacks(app, config);
app.synth();

/** A mistake in the configuration is its user's, who has no use for our stack trace. */
function configOf(path: string): Config {
  try {
    return loadConfig(path);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
