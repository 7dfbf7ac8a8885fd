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
new AmityStack(app, { config, handlers: await handlers(app.node.tryGetContext('handlers')) });
regionStacks(app, config);
app.synth();

/** @param bundled a folder of handlers that are bundled already: tests synthesize many configurations of the same */
async function handlers(bundled: unknown): Promise<string> {
  if (typeof bundled === 'string') return bundled;
  const bundle = await bundleHandlers();
  console.error(sizeTable(bundle));
  return bundle.directory;
}

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
