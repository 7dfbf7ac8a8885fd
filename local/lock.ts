import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 250;
const timeoutMs = 10 * 60 * 1000;

/** Runs `action` while this process alone holds the lock file. A lock whose holder is gone is taken over. */
export async function withLock(path: string, action: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await acquire(path))) {
    if (Date.now() > deadline)
      throw new Error(`${path} is held by another process; remove it if there is none.`);
    if (!(await takeFromTheDead(path))) await sleep(pollMs);
  }
  try {
    await action();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a stale lock aside in one step; should it turn out to be another's fresh one, it is put back. */
async function takeFromTheDead(path: string): Promise<boolean> {
  const holder = await readHolder(path);
  if (holder === undefined || isAlive(Number(holder))) return false;
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
    if ((await readHolder(aside)) !== holder) {
      await rename(aside, path);
      return false;
    }
    await rm(aside, { force: true });
    return true;
  } catch {
    return false;
  }
}

async function readHolder(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
