import { execFileSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import {
  isCloudConfig,
  MOST_USER_DATA_BYTES,
  type Script,
  type Signalling,
  userDataFor,
} from '../../../shared/domain/bake/user-data.ts';
import { MOST_INLINE_BYTES } from '../../../shared/events/bake-fields.ts';
import { fc } from '../../support/property.ts';
import { failed, machine, SHELLS, succeeded } from './support/machine.ts';

vi.setConfig({ testTimeout: 30_000 });

/** Longer ones there are not. */
const signalling: Signalling = {
  taskToken: 't'.repeat(2048),
  region: 'cn-northwest-1',
  endpoint: 'https://states.cn-northwest-1.amazonaws.com.cn',
};

/** The parts of each as cloud-init reads them: cloudinit/user_data.py, convert_string and _process_msg. */
const CLOUD_INIT = `
import email, json, sys
def parts(text):
    assert b"mime-version:" in text.encode("utf-8")[0:4096].lower()
    for part in email.message_from_string(text).walk():
        if not part.is_multipart():
            yield part.get_content_type(), part.get_payload(decode=True).decode("utf-8", "surrogateescape")
print(json.dumps([list(parts(text)) for text in json.load(sys.stdin)]))
`;
type Part = [type: string, text: string];

function allPartsOf(scripts: readonly Script[]): Part[][] {
  const input = JSON.stringify(scripts.map((script) => userDataFor(script, signalling)));
  return JSON.parse(execFileSync('python3', ['-c', CLOUD_INIT], { input, stdio: 'pipe', encoding: 'utf8' }));
}
const partsOf = (script: Script): Part[] => allPartsOf([script])[0] ?? [];

describe('the user data of a builder', () => {
  const of = (begin: string) => begin.padEnd(MOST_INLINE_BYTES, 'x');
  const url = 'https://'.padEnd(1800, 'x');

  it.each<[string, Script]>([
    ['a script of 12 KB', { text: of('#!/bin/sh\n') }],
    ['a #cloud-config of 12 KB', { text: of('#cloud-config\n') }],
    ['the address of a script', { url, isCloudConfig: false }],
    ['the address of a #cloud-config', { url, isCloudConfig: true }],
  ])('fits into what EC2 takes: %s', (_, script) => {
    expect(Buffer.byteLength(userDataFor(script, signalling))).toBeLessThanOrEqual(MOST_USER_DATA_BYTES);
  });

  it('of a script is a shell script, which cloud-init does not take for anything else', () => {
    const userData = userDataFor({ text: '#!/bin/bash\ntrue' }, signalling);
    expect(userData).toMatch(/^#!\/bin\/sh\nexport AMITY_TASK_TOKEN='t+' AMITY_REGION='cn-northwest-1'\n/);
    expect(userData).toContain("<<'AMITY_USER_DATA'\n#!/bin/bash\ntrue\nAMITY_USER_DATA\n");
    expect(userData.slice(0, 4096).toLowerCase()).not.toContain('mime-version:');
  });

  it('has the endpoint of Step Functions, where the machine is told no other', () => {
    expect(userDataFor({ text: '#!/bin/sh' }, signalling)).toContain(
      `url=\${AWS_ENDPOINT_URL:-${signalling.endpoint}}\n`,
    );
  });

  it.each(SHELLS)('is right for %s, and for a token with quotes', (shell) => {
    const scripts: Script[] = [{ text: '#!/bin/sh\n' }, { url, isCloudConfig: false }];
    const texts = scripts.map((script) => userDataFor(script, { ...signalling, taskToken: "it's $(id)" }));
    for (const text of [...texts, partsOf({ text: '#cloud-config' })[1]?.[1] ?? '']) {
      const args = [...(shell === 'busybox' ? ['sh'] : []), '-n'];
      expect(execFileSync(shell, args, { input: text, stdio: 'pipe' }).toString()).toBe('');
    }
  });
});

it.each([
  ['#cloud-config\npackages: []\n', true],
  ['#cloud-config', true],
  ['#!/bin/sh\n#cloud-config\n', false],
  [' #cloud-config', false],
])('isCloudConfig(%j): %s', (text, expected) => {
  expect(isCloudConfig(text)).toBe(expected);
});

describe('a #cloud-config', () => {
  const SHELL = [
    'text/x-shellscript',
    expect.stringMatching(/^#!\/bin\/sh\nexport AMITY_TASK_TOKEN=.*\namity .*&$/s),
  ];

  it('is a part of its own, beside the wrapper', () => {
    expect(partsOf({ text: '#cloud-config\npackages:\n  - nginx\n' })).toEqual([
      ['text/cloud-config', '#cloud-config\npackages:\n  - nginx'],
      SHELL,
    ]);
  });

  it('in S3 is included', () => {
    const url = 'https://acme.s3.amazonaws.com/a?X-Amz-Signature=0%2F&X-Amz-Security-Token=x==';
    expect(partsOf({ url, isCloudConfig: true })).toEqual([
      ['text/x-include-url', `#include\n${url}`],
      SHELL,
    ]);
  });

  it.each([
    ['other alphabets', '#cloud-config\nmotd: é ß 한국어 🚀 = a=3D  \nx: =\n=\n'],
    ['a line that would end the part', '#cloud-config\n--AMITY\n--AMITY--\n---\n- a: b\n'],
    ['headers and empty lines', '#cloud-config\n\n\nContent-Type: text/plain\n\nx: 1\n'],
    ['lines as Windows ends them', '#cloud-config\r\nx: 1\r\n\r\ny: é\r\n\n'],
    ['trailing blanks and tabs', '#cloud-config\nx: "é" \t \n\ty: 1\n'],
  ])('is read as it was written: %s', (_, text) => {
    expect(partsOf({ text })).toEqual([['text/cloud-config', text.slice(0, -1)], SHELL]);
  });

  it('is read as it was written, whatever that is', () => {
    const lines = fc.array(
      fc.oneof(
        fc.constantFrom('', '--AMITY', '--AMITY--', '=', '=C3=A9', 'From x', '-', 'é=\t'),
        fc.string({ unit: 'grapheme' }),
      ),
    );
    const text = lines.map((each) => `#cloud-config\n${each.join('\n').replaceAll('\0', '')}`);
    fc.assert(
      fc.property(fc.array(text, { minLength: 50 }), (texts) => {
        const read = allPartsOf(texts.map((each) => ({ text: each }))).map(([theirs]) => theirs);
        expect(read).toEqual(texts.map((each) => ['text/cloud-config', each.replace(/\n$/, '')]));
      }),
      { numRuns: 10 },
    );
  });

  it('stays as it is where it is ASCII: nothing of the 12 KB is lost', () => {
    const text = '#cloud-config\nruncmd: [a=b]\n';
    expect(userDataFor({ text }, signalling)).toContain(
      `\nContent-Type: text/cloud-config\n\n${text}--AMITY\n`,
    );
  });
});

describe('the result of a #cloud-config is cloud-init’s own', () => {
  const cloudInit = (code: number) => ({
    'cloud-init': `echo "$*" >>"$CALLS/cloud-init"
case "$*" in
  'status --wait') echo; echo "status: it says"; exit ${code} ;;
  'status --long') echo 'detail: "packages" failed' ;;
esac`,
  });

  it.each(SHELLS)('well, with %s', async (shell) => {
    const { run, calls } = await machine({ shell, commands: cloudInit(0) });
    expect(await run('#cloud-config\npackages: []\n')).toMatchObject([succeeded]);
    expect(await calls('cloud-init')).toBe('status --wait\nstatus --long\nclean --logs\n');
  });

  it.each([
    ['an error', 1],
    ['an error that cloud-init got over', 2],
    ['no cloud-init', 127],
  ])('%s, with what it says and the end of its log', async (_, code) => {
    const { run } = await machine({ commands: cloudInit(code) });
    expect(await run('#cloud-config\npackages: []\n')).toMatchObject([
      failed(code, 'detail: "packages" failed\nbooted\n'),
    ]);
  });

  it('is not the result of a script, which may do well on a machine that did not', async () => {
    const { run } = await machine({ commands: cloudInit(1) });
    expect(await run('#!/bin/sh\n')).toMatchObject([succeeded]);
  });
});
