import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { type EmbeddedAws, localAccount } from './embedded-aws.ts';

const root = join(import.meta.dirname, '..');
const cdkCli = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');

/** The outputs of the stack, by the names that design.md fixes. */
const StackOutputs = z.object({
  ApiUrl: z.url(),
  BakeApiUrl: z.url(),
  BusName: z.string(),
  BusArn: z.string(),
  ArchiveArn: z.string(),
  WaiterArn: z.string(),
  CleanUpFunctionName: z.string(),
  FollowNewestFunctionName: z.string(),
  DeadLetterQueueUrl: z.string(),
});
export type StackOutputs = z.infer<typeof StackOutputs>;

export interface DeployOptions {
  /** Default: `amity.config.json`. */
  readonly configPath?: string;
  /** Told what goes on, a line for each step. */
  readonly log?: (line: string) => void;
  /** Tests, which deploy the same many times, share what these two make. Default: the CDK CLI, each time. */
  readonly synthesize?: typeof synthesize;
  readonly bootstrap?: typeof bootstrap;
}

/**
 * A real `cdk bootstrap` and `cdk deploy` into an embedded AWS, and nowhere else. The CLI is silent unless it
 * fails; then what it wrote is in the error.
 */
export async function deploy(aws: EmbeddedAws, options: DeployOptions = {}): Promise<StackOutputs> {
  refuseOthers(aws);
  const { log = () => {}, configPath = 'amity.config.json' } = options;
  const directory = await mkdtemp(join(tmpdir(), 'amity-deploy-'));
  try {
    const outputs = join(directory, 'outputs.json');
    const steps = { synthesize, bootstrap, ...options };
    log('cdk synth, and cdk bootstrap beside it');
    const [assembly] = await Promise.all([
      steps.synthesize(aws, resolve(root, configPath), join(directory, 'cdk.out')),
      steps.bootstrap(aws, directory),
    ]);
    log('cdk deploy');
    const approval = ['--require-approval', 'never', '--method', 'direct'];
    await cdk(aws, root, ['deploy', '--all', '--app', assembly, ...approval, '--outputs-file', outputs]);
    return outputsOf(await readFile(outputs, 'utf8'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Synthesizes into a folder; returns the folder of the assembly. @param more context for the app */
export async function synthesize(
  aws: EmbeddedAws,
  configPath: string,
  output: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const context = Object.entries({ config: configPath, ...more });
  const given = context.flatMap(([key, value]) => ['--context', `${key}=${value}`]);
  await cdk(aws, root, ['synth', '--quiet', '--output', output, ...given]);
  return output;
}

/** Bootstraps from an empty folder: there the CLI finds no app, and need not run it. */
export const bootstrap = (aws: EmbeddedAws, emptyFolder: string): Promise<void> =>
  cdk(aws, emptyFolder, ['bootstrap', `aws://${aws.account}/${aws.region}`]);

/** Local tools have deployed to real accounts by mistake before: this one cannot. */
function refuseOthers({ account, endpoint, childEnv }: EmbeddedAws): void {
  const { hostname } = new URL(endpoint);
  if (account !== localAccount || hostname !== '127.0.0.1' || childEnv.AWS_ENDPOINT_URL !== endpoint) {
    throw new Error(
      `Deploys to the embedded AWS (account ${localAccount} on 127.0.0.1) only, got account ${account} at ${endpoint}`,
    );
  }
}

const outputsOf = (json: string): StackOutputs => {
  const [stack] = Object.values(z.record(z.string(), z.unknown()).parse(JSON.parse(json)));
  return StackOutputs.parse(stack);
};

/** Runs the CDK CLI with the environment of the embedded AWS alone: no profile and no real credentials. */
function cdk(aws: EmbeddedAws, cwd: string, args: readonly string[]): Promise<void> {
  const env = { ...aws.childEnv, CDK_DISABLE_CLI_TELEMETRY: 'true', CI: 'true' };
  const quiet = ['--no-notices', '--no-color', '--no-version-reporting', '--no-path-metadata'];
  return new Promise((done, fail) => {
    const maxBuffer = 64 * 1024 * 1024;
    execFile(
      process.execPath,
      [cdkCli, ...args, ...quiet],
      { cwd, env, maxBuffer },
      (error, stdout, stderr) => {
        if (!error) return done();
        fail(new Error(`cdk ${args[0]} failed\n${stdout}${stderr}`.trim(), { cause: error }));
      },
    );
  });
}
