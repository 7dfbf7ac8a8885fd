import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const json = async (name: string) =>
  JSON.parse(await readFile(new URL(`../${name}`, import.meta.url), 'utf8'));

interface Locked {
  version?: string;
  license?: string;
  integrity?: string;
  dev?: boolean;
  resolved?: string;
  inBundle?: boolean;
}

const locked = async (): Promise<[string, Locked][]> => {
  const { packages } = (await json('package-lock.json')) as { packages: Record<string, Locked> };
  return Object.entries(packages).filter(([path]) => path !== '');
};

it('pins every version exactly', async () => {
  const { dependencies, devDependencies, overrides } = await json('package.json');
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...overrides })) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

it('locks every package by its content, and names no registry', async () => {
  for (const [path, { integrity, resolved, inBundle }] of await locked()) {
    if (!inBundle) expect(integrity, path).toMatch(/^sha512-/);
    expect(resolved, path).toBeUndefined();
  }
});

it('ships only under licences that ask for no more than their notice', async () => {
  const shipped = (await locked()).filter(([, { dev }]) => !dev);
  for (const [path, { license }] of shipped) {
    expect(['MIT', 'MIT-0', 'Apache-2.0', 'ISC', 'BSD-3-Clause', '0BSD'], path).toContain(license);
  }
});

it('hashes every Python package', async () => {
  const text = await readFile(new URL('../local/requirements.txt', import.meta.url), 'utf8');
  const packages = text.split('\n').filter((line) => /^[a-z0-9]/i.test(line));
  expect(packages.length).toBeGreaterThan(20);
  for (const line of packages) expect(line).toMatch(/^[\w.-]+(\[\w+\])?==[\w.]+/);
  expect(text.match(/--hash=sha256:[0-9a-f]{64}/g)?.length).toBeGreaterThanOrEqual(packages.length);
});
