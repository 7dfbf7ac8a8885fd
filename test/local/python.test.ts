import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { preparePython } from '../../local/python.ts';

/** A stand-in for Python that does as the environment says, and notes what it was asked for. */
const fake = `#!/bin/sh
echo "$*" >> "$FAKE_LOG"
case "$*" in
  *version_info*) echo "$FAKE_VERSION" ;;
  *ensurepip*) [ "$FAKE_VENV" != none ] ;;
  *find_spec*) [ "$FAKE_VENV" != broken ] ;;
  "-m venv"*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  *"-m pip"*) sleep 0.2; [ "$FAKE_NETWORK" != none ] || { echo "Failed to establish a new connection" >&2; exit 1; } ;;
esac
`;
let folder: string;
let places: { venv: string; requirements: string };
const lines: string[] = [];
const prepare = () => preparePython((line) => lines.push(line), places);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amity-python-'));
  places = { venv: join(folder, 'venv'), requirements: join(folder, 'requirements.txt') };
  const python = join(folder, 'python3');
  await writeFile(python, fake);
  await chmod(python, 0o755);
  await writeFile(places.requirements, 'moto==5.2.5');
  lines.length = 0;
  vi.stubEnv('AMITY_PYTHON', python);
  vi.stubEnv('FAKE_LOG', join(folder, 'log'));
  vi.stubEnv('FAKE_VERSION', '3.10');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function installations(): Promise<number> {
  const log = await readFile(join(folder, 'log'), 'utf8');
  return log.split('\n').filter((line) => line.includes('-m pip') && line.includes('--require-hashes'))
    .length;
}

describe('preparePython', () => {
  it('installs once, with hashes, and says so in a line', async () => {
    expect(await prepare()).toBe(join(places.venv, 'bin/python'));
    await prepare();
    expect(await installations()).toBe(1);
    expect(lines).toEqual([expect.stringContaining('Installing MiniStack and moto')]);
  });

  it('installs once when two start at the same time', async () => {
    await Promise.all([prepare(), prepare()]);
    expect(await installations()).toBe(1);
  });

  it('takes over from one that was killed, and redoes what it left', async () => {
    await mkdir(join(places.venv, 'bin'), { recursive: true });
    await writeFile(`${places.venv}.lock`, '999999999');
    await prepare();
    expect(await installations()).toBe(1);
  });

  it('installs again when the requirements changed, or the venv is broken', async () => {
    await prepare();
    await writeFile(places.requirements, 'moto==5.2.6');
    await prepare();
    expect(await installations()).toBe(2);
    vi.stubEnv('FAKE_VENV', 'broken');
    await prepare();
    expect(await installations()).toBe(3);
  });

  it.each([
    ['no Python', { AMITY_PYTHON: '/nowhere/python3' }, /\/nowhere\/python3 does not run[\s\S]*apt install/],
    ['an old Python', { FAKE_VERSION: '3.9' }, /needs Python 3.10 or later: .*python3 is 3.9/],
    [
      'no venv module',
      { FAKE_VENV: 'none' },
      /no venv or ensurepip module[\s\S]*apt install python3 python3-venv/,
    ],
    ['no network', { FAKE_NETWORK: 'none' }, /is there a network[\s\S]*Failed to establish a new connection/],
  ])('says what to do about %s, in a few lines, and does not hold the lock', async (_, env, message) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const error = await prepare().then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error?.message).toMatch(message);
    expect(error?.message.split('\n').length).toBeLessThan(7);
    await expect(readFile(`${places.venv}.lock`)).rejects.toThrow(/ENOENT/);
  });
});
