import { resolve } from 'node:path';

const OLDEST_NODE = 22;
if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  throw new Error(
    `Amity's CDK app needs Node ${OLDEST_NODE} or later, and this is ${process.version}. The project brings the ` +
      'right one: use its npm scripts, or npx cdk … from its folder after npm ci.',
  );
}

// Imported here, so that an older Node reads the sentence above rather than a syntax error.
const { App } = await import('aws-cdk-lib');
const { AmityStack } = await import('./amity-stack.ts');
const { bundleHandlers, sizeTable } = await import('./bundle.ts');
const { loadConfig } = await import('./config.ts');

const app = new App();
const path: unknown = app.node.tryGetContext('config') ?? 'amity.config.json';
const config = loadConfig(resolve(String(path)));
const bundle = await bundleHandlers();
console.error(sizeTable(bundle));
new AmityStack(app, { config, handlers: bundle.directory });
app.synth();
