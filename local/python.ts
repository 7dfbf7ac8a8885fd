import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from './lock.ts';

const run = promisify(execFile);
const oldest = [3, 10] as const;

/** Where to install Python from, on the systems that most people have. */
const howToInstall = [
  '  Debian, Ubuntu:  apt install python3 python3-venv',
  '  Fedora:          dnf install python3',
  '  macOS:           brew install python3',
  '  Or name one with AMITY_PYTHON=/path/to/python3',
].join('\n');

interface Places {
  /** Where the virtual environment is, or will be. */
  venv: string;
  /** What is installed in it. */
  requirements: string;
}

const ours: Places = {
  venv: join(import.meta.dirname, '../.venv'),
  requirements: join(import.meta.dirname, 'requirements.txt'),
};

/**
 * The Python that the embedded AWS runs on: one of the repository's own, in `.venv`, made when it is not there,
 * is broken, or the requirements changed. Two processes at once make it once.
 */
export async function preparePython(
  log: (line: string) => void = console.error,
  { venv, requirements }: Places = ours,
): Promise<string> {
  const venvPython = join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const marker = join(venv, 'amity-requirements');
  const wanted = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  if (await isReady(venvPython, marker, wanted)) return venvPython;
  await withLock(`${venv}.lock`, async () => {
    if (await isReady(venvPython, marker, wanted)) return;
    const python = await findPython();
    log(`Installing MiniStack and moto for the embedded AWS into .venv (once, about 30 s; ${python}) …`);
    await makeVenv(python, venv);
    await install(venvPython, requirements);
    await writeFile(marker, wanted);
  });
  return venvPython;
}

/** The marker is written last, so a venv whose installation was cut short has none. */
async function isReady(venvPython: string, marker: string, wanted: string): Promise<boolean> {
  try {
    if ((await readFile(marker, 'utf8')) !== wanted) return false;
    const check = "from importlib.util import find_spec; assert find_spec('ministack') and find_spec('moto')";
    await run(venvPython, ['-c', check]);
    return true;
  } catch {
    return false;
  }
}

async function findPython(): Promise<string> {
  const named = process.env.AMITY_PYTHON;
  const names = named
    ? [named]
    : ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
  const found: string[] = [];
  for (const name of names) {
    const version = await versionOf(name);
    if (version && isRecent(version)) return name;
    if (version) found.push(`${name} is ${version}`);
  }
  const needed = `The embedded AWS needs Python ${oldest.join('.')} or later`;
  const reason = found.length > 0 ? found.join(', ') : `${named ?? 'python3'} does not run`;
  throw new Error(`${needed}: ${reason}.\n${howToInstall}`);
}

async function versionOf(python: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    return stdout.trim();
  } catch {
    return undefined;
  }
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

async function makeVenv(python: string, venv: string): Promise<void> {
  try {
    await run(python, ['-c', 'import venv, ensurepip']);
  } catch {
    throw new Error(`${python} has no venv or ensurepip module.\n${howToInstall}`);
  }
  await rm(venv, { recursive: true, force: true });
  await runOrExplain(python, ['-m', 'venv', venv], `${python} could not make ${venv}`);
}

async function install(venvPython: string, requirements: string): Promise<void> {
  const quietly = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
  await runOrExplain(
    venvPython,
    [...quietly, '--require-hashes', '--requirement', requirements],
    'pip could not install local/requirements.txt. It needs the Python package index, this once:\n' +
      'is there a network, and is a proxy or mirror configured if one is needed (pip config list)?',
  );
}

async function runOrExplain(command: string, args: string[], failure: string): Promise<void> {
  try {
    await run(command, args, { maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    const tail = output.trim().split('\n').slice(-3).join('\n');
    throw new Error(`${failure}\n${tail}`, { cause: error });
  }
}
