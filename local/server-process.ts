import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const keptLines = 400;
const shownLines = 20;
const graceMs = 5000;

export interface ServerProcess {
  pid: number;
  hasExited(): boolean;
  /** The end of what it wrote. */
  tail(): string;
  stop(): Promise<void>;
}

/**
 * Starts a server as a child that watches its standard input: the pipe closes when this process ends, even when
 * it is killed, and the child ends too.
 */
export function startServer(
  command: string,
  args: string[],
  options: { cwd: string; env: Record<string, string>; log?: ((line: string) => void) | undefined },
): ServerProcess {
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: 'pipe' });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      options.log?.(line);
    });
  }
  // A pipe to a child that is gone is no reason to end this process.
  child.stdin.on('error', () => undefined);
  let exited = false;
  const exit = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      lines.push(String(error));
      exited = true;
      resolve();
    });
    child.once('exit', () => {
      exited = true;
      resolve();
    });
  });
  return {
    pid: child.pid ?? -1,
    hasExited: () => exited,
    tail: () => lines.slice(-shownLines).join('\n'),
    stop: async () => {
      if (!exited) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exit;
      clearTimeout(timer);
    },
  };
}
