import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { inject } from 'vitest';
import { bundleHandlers } from '../../../infra/bundle.ts';
import * as cdk from '../../../local/deploy.ts';
import type { EmbeddedAws } from '../../../local/embedded-aws.ts';
import { withLock } from '../../../local/lock.ts';
import * as local from '../../../local/session.ts';

export { type Session, URL_PARAMETER } from '../../../local/session.ts';

const toolkit = { StackName: 'CDKToolkit' };

/** As `npm start` has it, but what is the same for several test files is made once in a run. */
export const startSession = (options: Options = {}) =>
  local.startSession({ ...options, deploy: deployTo(options) });

interface Options extends local.SessionOptions {
  /** Besides the home region: those that the configuration names must be bootstrapped too. */
  readonly regions?: readonly string[];
  /** Makes what the configuration names, and gives the keys of it that nobody knows before: ids of subnets, say. */
  readonly prepare?: (aws: EmbeddedAws) => Promise<Record<string, unknown>>;
}

/**
 * A real `cdk deploy` of a real assembly. Only `cdk synth` and `cdk bootstrap`, which took two thirds of a
 * deployment's processor time, are not run again for what they made before.
 */
const deployTo =
  ({ regions = [], prepare }: Options): typeof cdk.deploy =>
  async (aws, options = {}) => {
    if (prepare && options.configPath) await extend(options.configPath, await prepare(aws));
    return cdk.deploy(aws, {
      ...options,
      synthesize,
      bootstrap: async (_, emptyFolder) => {
        const stack = await bootstrapStack(aws, emptyFolder);
        await Promise.all([aws.region, ...regions].map((region) => bootstrap(aws, region, stack)));
      },
    });
  };

async function extend(configPath: string, keys: Record<string, unknown>): Promise<void> {
  await writeFile(configPath, JSON.stringify({ ...JSON.parse(await readFile(configPath, 'utf8')), ...keys }));
}

/** One assembly for each configuration: it is of no account and no region. */
async function synthesize(aws: EmbeddedAws, configPath: string): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(configPath))
    .digest('hex');
  return once(`cdk.out-${hash.slice(0, 16)}`, async (folder) => {
    await cdk.synthesize(aws, configPath, folder, { handlers: await handlers() });
  });
}

/** The same in each configuration. */
const handlers = (): Promise<string> =>
  once('handlers', async (outdir) => {
    await bundleHandlers({ outdir });
  });

/** The first AWS of a run is bootstrapped by the CLI; each other one, and each other region, gets the same stack. */
const bootstrapStack = (aws: EmbeddedAws, emptyFolder: string): Promise<string> =>
  once('bootstrap.json', async (file) => {
    await cdk.bootstrap(aws, emptyFolder);
    const client = new CloudFormationClient(aws.clientConfig);
    const { TemplateBody } = await client.send(new GetTemplateCommand(toolkit));
    const { Stacks = [] } = await client.send(new DescribeStacksCommand(toolkit));
    const { Parameters, Capabilities } = Stacks[0] ?? {};
    await writeFile(file, JSON.stringify({ ...toolkit, TemplateBody, Parameters, Capabilities }));
  });

async function bootstrap(aws: EmbeddedAws, region: string, stack: string): Promise<void> {
  const client = new CloudFormationClient({ ...aws.clientConfig, region });
  const { Stacks = [] } = await client.send(new DescribeStacksCommand());
  if (Stacks.some(({ StackName }) => StackName === toolkit.StackName)) return;
  await client.send(new CreateStackCommand(JSON.parse(await readFile(stack, 'utf8'))));
  await waitUntilStackCreateComplete({ client, minDelay: 1, maxWaitTime: 60 }, toolkit);
}

/** The path of what whichever worker comes first makes, while the others that need it wait. */
async function once(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = join(inject('runFolder'), name);
  await withLock(`${path}.lock`, async () => {
    if (existsSync(path)) return;
    // What is there under its name is whole.
    await make(`${path}.part`);
    await rename(`${path}.part`, path);
  });
  return path;
}
