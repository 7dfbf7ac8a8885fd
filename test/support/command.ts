import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';

/** What a command has printed, and how it ended. */
export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly exitCode: number | string | null | undefined;
}

/** Runs a command of cli/ in this process, so that its AWS is the one in memory. */
export async function run(command: 'plan' | 'apply' | 'restore', ...args: string[]): Promise<Ran> {
  const [argv, exitCode] = [process.argv, process.exitCode];
  const out = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const err = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const text = ({ mock }: typeof out) => mock.calls.map((line) => line.join(' ')).join('\n');
  process.argv = ['node', `cli/${command}.ts`, ...args];
  process.exitCode = undefined;
  try {
    vi.resetModules();
    await COMMANDS[command]();
    return { out: text(out), err: text(err), exitCode: process.exitCode };
  } finally {
    out.mockRestore();
    err.mockRestore();
    [process.argv, process.exitCode] = [argv, exitCode];
  }
}

const COMMANDS = {
  plan: () => import('../../cli/plan.ts'),
  apply: () => import('../../cli/apply.ts'),
  restore: () => import('../../cli/restore.ts'),
};

/** A file of that name, for the time of one test. */
export function file(name: string, content?: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'amity-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  if (content !== undefined)
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
