import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Session, startSession } from './support/session.ts';

let session: Session;
beforeAll(async () => {
  session = await startSession();
});
afterAll(() => session?.stop());

const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { env: session.aws.childEnv });

it('npm run prove shows on an account what only an account can show', async () => {
  await session.aws.control.startInstance({ name: 'canary' });
  const { stdout } = await run('cli/prove.ts', '--instance-name', 'canary', '--quiet-seconds', '3');
  expect(stdout).toContain('Proved: one image, announced once, tagged');
});

it('npm run prove says what was not proved', async () => {
  const short = ['--quiet-seconds', '1', '--timeout-minutes', '0.05'];
  await expect(run('cli/prove.ts', '--instance-name', 'nobody', ...short)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('NOT PROVED: Not within 0.05 minutes: the image is available'),
  });
});

it('npm run redrive says when there is nothing to bring back, and when there is no such stack', async () => {
  expect((await run('cli/redrive.ts')).stdout).toContain('There are no dead letters');
  await expect(run('cli/redrive.ts', '--stack', 'Nowhere')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Nowhere'),
  });
});
