import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { bundleHandlers } from '../../infra/bundle.ts';
import { env } from '../support/handler-environment.ts';

/**
 * `npm run bench`: what a function's own code costs a cold start, as we bundle it, without our plugin, and as
 * the CDK's own bundling would (CommonJS). The variants take turns in one run; only ratios mean anything.
 */
const RUNS = 15;
const HANDLERS = [
  'http/request-ami',
  'ami-requested/create-image',
  'ami-created/start-waiter',
  'waiter/check-image',
  'ami-available/notify',
];

const folder = await mkdtemp(join(tmpdir(), 'amity-bench-'));
try {
  const variants = {
    ours: (await bundleHandlers({ outdir: join(folder, 'ours') })).directory,
    'no plugin': (await bundleHandlers({ outdir: join(folder, 'plain'), literalKeys: false })).directory,
    'CDK default': await cdkDefault(join(folder, 'cdk')),
  };
  for (const handler of HANDLERS) await compare(handler, variants);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function cdkDefault(outdir: string): Promise<string> {
  await build({
    entryPoints: HANDLERS.map((name) => ({ in: `handlers/${name}.ts`, out: `${name}/index` })),
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    logLevel: 'error',
  });
  return outdir;
}

async function compare(handler: string, variants: Record<string, string>): Promise<void> {
  const files = Object.entries(variants).map(([name, directory]) => ({
    name,
    file: join(directory, handler, name === 'CDK default' ? 'index.cjs' : 'index.mjs'),
    times: [] as number[],
  }));
  for (let run = 0; run <= RUNS; run += 1) {
    for (const { file, times } of files) {
      const time = await coldImport(file);
      // The first run fills the disk's cache.
      if (run > 0) times.push(time);
    }
  }
  const [ours] = files;
  for (const { name, file, times } of files) {
    const kilobytes = Math.round((await stat(file)).size / 1024);
    const ratio = (median(times) / median(ours?.times ?? times)).toFixed(2);
    console.log(
      `${handler.padEnd(28)} ${name.padEnd(12)} ${String(kilobytes).padStart(5)} KB  ` +
        `${median(times).toFixed(0).padStart(4)} ms  x${ratio}`,
    );
  }
}

async function coldImport(file: string): Promise<number> {
  const script = `const t = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - t); process.exit()`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, ...env },
  });
  return Number(stdout.trim().split('\n').at(-1));
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
