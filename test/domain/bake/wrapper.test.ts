import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { userDataFor } from '../../../shared/domain/bake/user-data.ts';
import { fc } from '../../support/property.ts';
import { failed, machine, SHELLS, succeeded, TOKEN } from './support/machine.ts';

vi.setConfig({ testTimeout: 30_000 });

describe.each(SHELLS)('with %s for its shell, a script', (shell) => {
  it('that ends well is a success, told once', async () => {
    const { run } = await machine({ shell });
    expect(await run('#!/bin/sh\necho fine\n')).toMatchObject([succeeded]);
  });

  it('that fails is a failure with its exit code and its output, of both kinds', async () => {
    const { run } = await machine({ shell });
    const script = '#!/bin/sh\necho to stdout\necho to stderr >&2\nexit 42\n';
    expect(await run(script)).toMatchObject([failed(42, 'to stdout\nto stderr\n')]);
  });

  it('lets cloud-init go on at once, and prints nothing into its log', async () => {
    const { root, start, signals } = await machine({ shell });
    const { exitCode, printed, over } = await start({
      text: '#!/bin/sh\necho loud\nwhile [ ! -f go ]; do /bin/sleep 0.05; done\nexit 3\n',
    });
    expect(exitCode).toBe(0);
    expect(signals()).toEqual([]);
    await writeFile(join(root, 'go'), '');
    await over;
    expect(signals()).toMatchObject([failed(3, 'loud\n')]);
    expect(printed()).toBe('');
  });

  it('is run byte for byte', async () => {
    const { root, run } = await machine({ shell });
    const text = [
      '#!/usr/bin/env python3',
      'import os, shutil, sys',
      'shutil.copy(sys.argv[0], os.environ["AMITY_ROOT"] + "/copy")',
      '"""',
      "$HOME $(id) `id` $$ $1 $@ \\ \\\\ \\n \"' EOF ' AMITY_USER_DATA",
      'EOF',
      '\ttabs  and trailing blanks \t ',
      'Grüße, 한국어, 🚀, \u0081\u0088\u00ff, \u001b[31m, \u007f',
      '"""',
      '# no end of line here',
    ].join('\n');
    expect(await run(text)).toMatchObject([succeeded]);
    expect(await readFile(join(root, 'copy'), 'utf8')).toBe(`${text}\n`);
  });

  it('may write what JSON and shells make much of', async () => {
    const { run } = await machine({ shell });
    const output = '"quoted" \\back\\slash\\\\ \\n %s %d & $HOME `id` \'single\' {"json":"\\u0041"} é 한 🚀';
    const script = `#!/bin/sh\ncat <<'END'\n${output}\nEND\nexit 1\n`;
    expect(await run(script)).toMatchObject([failed(1, `${output}\n`)]);
  });
});

/** What begins as characters of UTF-8 do, and then does not go on so. */
const nearlyUtf8 = fc
  .array(
    fc.constantFrom(0x0a, 0x22, 0x5c, 0x80, 0xa0, 0xbf, 0xc0, 0xc3, 0xe0, 0xed, 0xef, 0xf0, 0xf3, 0xf4, 0xf8),
  )
  .map((bytes) => Uint8Array.from(bytes));

describe('the output of a script that fails', () => {
  const outputOf = async (python: string, commands = {}) => {
    const { run } = await machine({ commands });
    const [signal] = await run(
      `#!/usr/bin/env python3\nimport sys\nsys.stdout.buffer.write(${python})\nsys.stdout.flush()\nsys.exit(1)\n`,
    );
    expect(signal?.body.cause).toMatch(/^exit 1\n/);
    return signal?.body.cause?.slice('exit 1\n'.length);
  };

  it.each([
    ['nothing at all', "b''", ''],
    ['no end of its last line', "b'a\\nb'", 'a\nb\n'],
    ['empty lines', "b'\\n\\na\\n\\n'", '\n\na\n\n'],
    ['tabs', "b'a\\tb\\n'", 'a b\n'],
    ['colours', "b'\\x1b[31mred\\x1b[0m\\n'", ' [31mred [0m\n'],
    [
      'NUL, bell and the like',
      "bytes(range(10)) + b'\\x0b\\x0c\\x0e\\x1f\\x7f\\n'",
      `${' '.repeat(14)}\u007f\n`,
    ],
    ['a progress bar', "b'10%\\r20%\\r\\n'", '10% 20% \n'],
    ['a lone byte of no character', "b'a\\x80b\\xc3\\n'", 'ab\n'],
    ['half a character at its end', "b'a' + '가'.encode()[:2]", 'a\n'],
    ['UTF-8 of what is beyond Unicode', "b'a\\xf4\\x90\\x80\\x80\\xf8\\x88\\x80\\x80\\x80b\\n'", 'a  b\n'],
    ['a text in Latin-1', "'Grüße!'.encode('latin-1')", 'Gr e!\n'],
    ['a surrogate', "b'a\\xed\\xa0\\x80b\\n'", 'ab\n'],
    ['100 KB', "b'x' * 100_000 + b'the end\\n'", `${'x'.repeat(2992)}the end\n`],
    ['100 KB of quotes', "b'\"' * 100_000", `${'"'.repeat(3000)}\n`],
    ['100 KB of many lines', "b'0123456\\n' * 12_500", '0123456\n'.repeat(375)],
    ['100 KB that are cut within a character', "'가'.encode() * 30_000 + b'ab'", `${'가'.repeat(999)}ab\n`],
  ])('with %s', async (_, python, output) => {
    expect(await outputOf(python)).toBe(output);
  });

  it('is ASCII at least where the machine has no iconv', async () => {
    const cut = "b'a\\x80\"' + '가'.encode()[:2] + b'\\n\\tb~\\n'";
    expect(await outputOf(cut, { iconv: undefined })).toBe('a"\n b~\n');
  });

  it('is JSON, whatever it was', () => {
    const userData = userDataFor({ text: '#!' }, { taskToken: '', region: '', endpoint: '' });
    const [json] = /^json\(\) \{\n.*?\n\}\n/ms.exec(userData) ?? [];
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 3000 }), nearlyUtf8), (bytes) => {
        const made = execFileSync('sh', ['-c', `${json}json`], { input: bytes, stdio: 'pipe' });
        const output = JSON.parse(`"${new TextDecoder('utf-8', { fatal: true }).decode(made)}"`);
        const blank = (byte: number) => byte >= 0xf4 || (byte < 0x20 && byte !== 0x0a);
        const shown = Buffer.from(bytes.map((byte) => (blank(byte) ? 0x20 : byte))).toString();
        // What is no character Node marks, and the wrapper leaves out.
        expect(output.replace(/\n$/, '')).toBe(shown.replaceAll('\ufffd', '').replace(/\n$/, ''));
      }),
      { numRuns: 100 },
    );
  });
});

describe('the script', () => {
  it('knows its token and its region, and is at the root, without input', async () => {
    const { root, run } = await machine();
    const script = '#!/bin/sh\necho "$AMITY_TASK_TOKEN"; echo "$AMITY_REGION"; env pwd; cat; exit 1\n';
    expect(await run(script)).toMatchObject([failed(1, `${TOKEN}\neu-west-1\n${root}\n`)]);
  });

  it('may leave a service behind that keeps its output open', async () => {
    const { start, signals } = await machine();
    const { over } = await start({ text: '#!/bin/sh\n/bin/sleep 60 &\necho begun\n' });
    await vi.waitFor(() => expect(signals()).toMatchObject([succeeded]), 10_000);
    const isOver = await Promise.race([over.then(() => true), new Promise((later) => setTimeout(later, 50))]);
    expect(isOver).toBeUndefined();
  });

  it.each([
    ['an interpreter that is not there', '#!/no/such/interpreter\n', 127],
    ['a signal', '#!/bin/sh\nkill -9 $$\n', 137],
    ['an error of set -e', '#!/bin/sh\nset -e\nfalse\ntrue\n', 1],
    ['an exit code of 255', '#!/usr/bin/env python3\nraise SystemExit(-1)\n', 255],
  ])('ends with %s', async (_, text, code) => {
    const { run } = await machine();
    const [signal, ...others] = await run(text);
    expect(signal?.body.cause).toMatch(new RegExp(`^exit ${code}\n`));
    expect(others).toEqual([]);
  });

  it('is shown on the console from its first line on, and nothing goes on showing it', async () => {
    const { root, start, signals } = await machine({ commands: { sleep: 'exec /bin/sleep 1' } });
    const { over } = await start({
      text: '#!/bin/sh\nfor i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do echo "line $i"; done\n',
    });
    await over;
    expect(signals()).toMatchObject([succeeded]);
    const lines = Array.from({ length: 13 }, (_, index) => `line ${index + 1}\n`);
    expect(await readFile(join(root, 'dev/console'), 'utf8')).toBe(lines.join(''));
  });

  it('is waited for however long it prints nothing to a console that cannot be written to', async () => {
    const { root, run } = await machine();
    await rm(join(root, 'dev/console'));
    await mkdir(join(root, 'dev/console'));
    expect(await run('#!/bin/sh\necho out\nexit 9\n')).toMatchObject([failed(9, 'out\n')]);
  });
});

describe('a script in S3', () => {
  const serve =
    (text: string) =>
    (response: ServerResponse): void => {
      response.end(response.req.url?.startsWith('/object') ? text : '{}');
    };

  it('is fetched and run', async () => {
    const text = `#!/bin/sh\n# ${'x'.repeat(40_000)}\necho "it's mine"; echo >made\nexit 7\n`;
    const { root, receiver, run } = await machine({ answer: serve(text) });
    const url = `${new URL(receiver.url).origin}/object/it's?X-Amz-Signature=a%2Fb&X-Amz-Security-Token=${'t'.repeat(1200)}`;
    expect(await run({ url, isCloudConfig: false })).toMatchObject([failed(7, "it's mine\n")]);
    expect(existsSync(join(root, 'made'))).toBe(true);
  });

  it('that cannot be read any more is a failure', async () => {
    const { receiver, run } = await machine({
      answer: (response) =>
        response.req.url?.startsWith('/object')
          ? response.writeHead(403).end('<Error/>')
          : response.end('{}'),
    });
    const url = `${new URL(receiver.url).origin}/object`;
    const [signal] = await run({ url, isCloudConfig: false });
    expect(signal?.body.cause).toMatch(/^exit 1\nThe user data could not be fetched from S3/);
  });
});
