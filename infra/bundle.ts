import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { literalKeys } from './literal-keys.ts';

const root = join(import.meta.dirname, '..');

export interface Bundle {
  /** One folder for each handler, named as the handler is: `ami-requested/create-image`. */
  readonly directory: string;
  readonly handlers: readonly BundledHandler[];
  readonly metafile: Metafile;
}

interface BundledHandler {
  readonly name: string;
  readonly bytes: number;
}

export interface BundleOptions {
  readonly outdir?: string;
  /** Only for measuring: without, each function that calls EC2 holds all of EC2. */
  readonly literalKeys?: boolean;
}

/** Bundles every handler in one call, each with all that it needs, the SDK too: one folder, one file. */
export async function bundleHandlers(options: BundleOptions = {}): Promise<Bundle> {
  const outdir = options.outdir ?? join(root, 'dist', 'handlers');
  const names = handlerNames();
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: `handlers/${name}.ts`, out: `${name}/index` })),
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    // The SDK's ES modules: its CommonJS cannot be shaken.
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyWhitespace: true,
    // Identifiers stay, and so do lines: a stack trace in the logs must say where.
    lineLimit: 200,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    write: false,
    plugins: options.literalKeys === false ? [] : [literalKeys],
  });
  await Promise.all(outputFiles.map(({ path, contents }) => writeIfChanged(path, contents)));
  return { directory: outdir, handlers: sizes(metafile), metafile };
}

/** Texts that a function finds beside its own file, by their names. */
export type Files = Readonly<Record<string, string>>;

/** A bundled handler's folder with more files: in a folder of its own, for another stack may deploy others with it. */
export function withFiles(handler: string, files: Files): string {
  temporary ??= removedAtExit(mkdtempSync(join(tmpdir(), 'amity-handlers-')));
  const folder = mkdtempSync(join(temporary, 'handler-'));
  cpSync(handler, folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Where those folders are: one for a process, which ends with it. */
let temporary: string | undefined;

function removedAtExit(folder: string): string {
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** `http/request-ami` and so on: what triggers, and what it does. */
export const handlerNames = (): string[] =>
  globSync('handlers/*/*.ts', { cwd: root })
    .map((path) => relative('handlers', path).split(sep).join('/').replace(/\.ts$/, ''))
    .sort();

/**
 * Leaves a file alone that says the same already, and replaces another one whole: a test run and a deploy
 * may bundle at the same time, and what one of them is copying must not change under it.
 */
async function writeIfChanged(path: string, contents: Uint8Array): Promise<void> {
  const there = await readFile(path).catch(() => undefined);
  if (there?.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 8);
  const temporary = join(outOf(path), `.${hash}-${process.pid}`);
  await writeFile(temporary, contents);
  await rename(temporary, path);
}

/** Beside the handler's folder, whose content is what is deployed. */
const outOf = (path: string) => dirname(dirname(path));

const sizes = (metafile: Metafile): BundledHandler[] =>
  Object.values(metafile.outputs)
    .map(({ entryPoint = '', bytes }) => ({
      name: entryPoint.replace(/^handlers\//, '').replace(/\.ts$/, ''),
      bytes,
    }))
    .sort((a, b) => a.name.localeCompare(b.name));

/** A line for each function: `ami-available/notify   213 KB`. */
export function sizeTable({ handlers }: Bundle): string {
  const width = Math.max(...handlers.map(({ name }) => name.length));
  return handlers
    .map(({ name, bytes }) => `${name.padEnd(width)} ${String(Math.round(bytes / 1024)).padStart(6)} KB`)
    .join('\n');
}
