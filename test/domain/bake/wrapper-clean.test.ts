import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Script } from '../../../shared/domain/bake/user-data.ts';
import { machine, SHELLS, TOKEN } from './support/machine.ts';

vi.setConfig({ testTimeout: 30_000 });

const SECRET = 's3cr3t-of-the-script';

/** Every file below a folder. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));

const holding = (folder: string, text: string) =>
  filesIn(folder).filter((file) => readFileSync(file).includes(text));

const scripts: [string, Script][] = [
  ['a script', { text: `#!/bin/sh\n# ${SECRET}\necho out\n` }],
  ['a script that fails', { text: `#!/bin/sh\n# ${SECRET}\necho out\nexit 1\n` }],
  ['a script of Python', { text: `#!/usr/bin/env python3\n# ${SECRET}\nprint("out")\n` }],
  ['a #cloud-config', { text: `#cloud-config\n# ${SECRET}\n` }],
];

describe.each(SHELLS)('with %s', (shell) => {
  it.each(scripts)('after %s neither its token nor its text is anywhere', async (_, script) => {
    const { root, start, signals } = await machine({ shell });
    const { over } = await start(script);
    await over;
    expect(signals()).toHaveLength(1);
    expect(holding(root, TOKEN.slice(0, 40))).toEqual([]);
    expect(holding(root, SECRET)).toEqual([]);
    expect(existsSync(join(root, 'var/lib/amity'))).toBe(false);
  });
});

describe('what makes one machine of two', () => {
  it('is gone, and what is not of this boot stays', async () => {
    const { root, run } = await machine();
    await run('#!/bin/sh\necho "kept" >etc/motd\n');
    expect(
      filesIn(root)
        .map((file) => file.slice(root.length + 1))
        .sort(),
    ).toEqual([
      'dev/console',
      'etc/machine-id',
      'etc/motd',
      'etc/ssh/sshd_config',
      'tmp/x',
      'var/lib/dbus/machine-id',
      'var/log/messages',
    ]);
    expect(readdirSync(join(root, 'var/lib/cloud'))).toEqual([]);
    for (const id of ['etc/machine-id', 'var/lib/dbus/machine-id'])
      expect(statSync(join(root, id)).size).toBe(0);
  });

  it('is gone before anyone is told: the image is made at once', async () => {
    const left: string[][] = [];
    const { root, run } = await machine({
      answer: (response) => {
        left.push([...readdirSync(join(root, 'var/lib')), ...readdirSync(join(root, 'etc/ssh'))]);
        response.end('{}');
      },
    });
    await run('#!/bin/sh\n');
    expect(left).toEqual([['cloud', 'dbus', 'sshd_config']]);
  });

  it('is gone where there is no cloud-init to clean, or it fails', async () => {
    for (const command of [undefined, 'exit 1']) {
      const { root, run } = await machine({ commands: { 'cloud-init': command } });
      expect(await run('#!/bin/sh\n')).toHaveLength(1);
      expect(holding(root, TOKEN.slice(0, 40))).toEqual([]);
    }
  });

  it('is not made where it was not', async () => {
    const { root, run } = await machine();
    await run(`#!/bin/sh\nrm -r etc/machine-id var/lib/dbus etc/ssh\n`);
    expect(filesIn(join(root, 'etc'))).toEqual([]);
  });
});

it('what it works with while it runs only its owner can read', async () => {
  const { root, run } = await machine();
  await run(`#!/usr/bin/env python3
import os
print(oct(os.stat("var/lib/amity").st_mode & 0o777), file=open("seen", "w"))
`);
  expect(readFileSync(join(root, 'seen'), 'utf8')).toBe('0o700\n');
});
