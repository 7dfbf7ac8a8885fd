import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Script, userDataFor } from '../../../../shared/domain/bake/user-data.ts';
import { type Answer, startReceiver } from '../../../support/receiver.ts';

/** Of about the length that Step Functions gives them. */
export const TOKEN = `AQDEAAAAKgAAAAM/+=${'t0k3n'.repeat(130)}`;

const FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin'];
const whereIs = (tool: string) => FOLDERS.map((folder) => join(folder, tool)).find(existsSync);

/** What the wrapper is made of; what a machine has besides is of no use to it. */
const TOOLS = ['awk', 'cat', 'chmod', 'curl', 'iconv', 'kill', 'mkdir', 'rm', 'sed', 'sh', 'tail', 'tr'];
/** For the users' scripts. */
const THEIRS = ['bash', 'env', 'head', 'pwd', 'yes'];

/** Those of the shells that are a builder's /bin/sh somewhere that this machine has. */
export const SHELLS = ['sh', 'dash', 'bash', 'busybox'].filter((shell) => whereIs(shell));

const PYTHON = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim();

/** Commands in place of a machine's own; each may write down what it was called with in $CALLS. */
const STUBS = {
  'cloud-init': 'echo "$*" >>"$CALLS/cloud-init"',
  // Short, that the tests be; long enough for what it waits for.
  sleep: 'echo "$1" >>"$CALLS/sleep"; exec /bin/sleep 0.1',
};

const BOOTED = {
  'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  'var/lib/dbus/machine-id': '0123456789abcdef0123456789abcdef\n',
  'etc/ssh/ssh_host_ed25519_key': 'PRIVATE KEY',
  'etc/ssh/ssh_host_ed25519_key.pub': 'ssh-ed25519',
  'etc/ssh/sshd_config': 'PermitRootLogin no\n',
  'var/log/cloud-init.log': 'booting\n',
  'var/log/cloud-init-output.log': 'booted\n',
  'var/log/messages': 'kept\n',
  'var/lib/cloud/data/instance-id': 'i-1\n',
  'dev/console': '',
  'tmp/x': '',
};

export interface MachineFacts {
  readonly shell?: string;
  /** Of commands, what stands in their place; with `undefined`, the machine has no such command. */
  readonly commands?: Readonly<Record<string, string | undefined>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly answer?: Answer;
  readonly token?: string;
}

export interface Signal {
  readonly target: string | undefined;
  readonly body: Record<string, string>;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Runs user data as cloud-init does, in a folder for a root, with an HTTP server of ours for Step Functions. */
export async function machine(facts: MachineFacts = {}) {
  const home = mkdtempSync(join(tmpdir(), 'amity-machine-'));
  const [root, bin, calls] = ['root', 'bin', 'calls'].map((name) => join(home, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [root, bin, calls]) mkdirSync(folder);
  for (const [name, text] of Object.entries(BOOTED)) write(join(root, name), text);
  commands(bin, { ...STUBS, ...facts.commands });
  const receiver = await startReceiver();
  receiver.answer = facts.answer ?? ((response) => response.end('{}'));
  const groups: number[] = [];
  onTestFinished(async () => {
    for (const group of groups) end(group);
    await receiver.close();
    rmSync(home, { recursive: true, force: true });
  });

  /** Ends when the script does, as cloud-init goes on then; `over` when all that it left behind has ended. */
  async function start(script: Script) {
    const { shell = 'sh', token: taskToken = TOKEN, env } = facts;
    const signalling = { taskToken, region: 'eu-west-1', endpoint: receiver.url };
    const userData = userDataFor(script, signalling);
    const file = join(root, 'var/lib/cloud/instances/i-1/scripts/part-001');
    write(file, userData, 0o700);
    write(join(root, 'var/lib/cloud/instances/i-1/user-data.txt'), userData);
    symlinkSync('instances/i-1', join(root, 'var/lib/cloud/instance'));
    const args = shell === 'busybox' ? ['sh', file] : [file];
    const child = spawn(whereIs(shell) ?? shell, args, {
      cwd: home,
      detached: true,
      // All that it starts has the fourth, until it ends.
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { PATH: bin, TMPDIR: join(root, 'tmp'), AMITY_ROOT: root, CALLS: calls, ...CREDENTIALS, ...env },
    });
    if (child.pid) groups.push(child.pid);
    const over = new Promise((ended) => child.stdio[3]?.on('close', ended).on('data', () => {}));
    const printed: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => printed.push(chunk));
    const exitCode = await new Promise((ended) => child.on('exit', ended));
    return { exitCode, over, printed: () => Buffer.concat(printed).toString() };
  }

  const signals = (): Signal[] =>
    receiver.received
      .filter(({ headers }) => headers['x-amz-target'])
      .map(({ headers, body }) => ({
        target: String(headers['x-amz-target']),
        body: JSON.parse(body),
        headers,
      }));

  return {
    root,
    receiver,
    start,
    signals,
    /** What a stub wrote down. */
    calls: (name: string) => readFile(join(calls, name), 'utf8').catch(() => ''),
    /** Runs it to its end. */
    async run(script: Script | string): Promise<Signal[]> {
      const { over } = await start(typeof script === 'string' ? { text: script } : script);
      await over;
      return signals();
    },
  };
}

const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 's3cr3t',
  AWS_SESSION_TOKEN: 's3ss10n',
};

/** The environment of a machine whose role's credentials are in its metadata alone. */
export const NO_CREDENTIALS = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SESSION_TOKEN: '' };

function commands(bin: string, stubs: Readonly<Record<string, string | undefined>>): void {
  for (const tool of [...TOOLS, ...THEIRS]) {
    const path = whereIs(tool);
    if (path && !(tool in stubs)) symlinkSync(path, join(bin, tool));
  }
  symlinkSync(PYTHON, join(bin, 'python3'));
  for (const [name, body] of Object.entries(stubs)) {
    if (body !== undefined) write(join(bin, name), `#!/bin/sh\n${body}\n`, 0o755);
  }
}

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
}

/** A group of processes that we started. */
function end(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** How Step Functions is told of a script that went wrong. */
export const failed = (exitCode: number, output: string) => ({
  target: 'AWSStepFunctions.SendTaskFailure',
  body: { taskToken: TOKEN, error: 'ScriptFailed', cause: `exit ${exitCode}\n${output}` },
});

export const succeeded = {
  target: 'AWSStepFunctions.SendTaskSuccess',
  body: { taskToken: TOKEN, output: '{}' },
};
