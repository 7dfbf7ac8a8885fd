import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it, vi } from 'vitest';
import { startEmbeddedAws } from '../../local/embedded-aws.ts';
import { errorOf, isAlive } from './support.ts';

const foldersOf = (pid: number) =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`amity-aws-${pid}-`));

describe('the embedded AWS', () => {
  it('stops within 2 s, more than once, and leaves neither process nor folder', async () => {
    const aws = await startEmbeddedAws();
    expect(foldersOf(aws.pid)).toHaveLength(1);
    expect(isAlive(aws.pid)).toBe(true);
    const started = Date.now();
    await aws.stop();
    await aws.stop();
    expect(Date.now() - started).toBeLessThan(3000);
    expect(isAlive(aws.pid)).toBe(false);
    expect(foldersOf(aws.pid)).toEqual([]);
  });

  it('ends when the process that started it is killed', async () => {
    const module = join(import.meta.dirname, '../../local/embedded-aws.ts');
    const script = `const { startEmbeddedAws } = await import(${JSON.stringify(module)});
      console.log((await startEmbeddedAws()).pid);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5000 });
  });

  it('serves the local account alone', async () => {
    const aws = await startEmbeddedAws();
    try {
      for (const accessKeyId of ['111111111111', 'AKIAIOSFODNN7EXAMPLE']) {
        const credentials = { accessKeyId, secretAccessKey: 'x' };
        const ec2 = new EC2Client({ ...aws.clientConfig, credentials });
        expect((await errorOf(ec2.send(new DescribeImagesCommand({})))).message).toContain(
          '000000000000 only',
        );
      }
      expect(aws.env).toMatchObject({ AWS_ACCESS_KEY_ID: '000000000000', AWS_ENDPOINT_URL: aws.endpoint });
    } finally {
      await aws.stop();
    }
  });

  it.each([
    ['BIND_HOST', '0.0.0.0'],
    ['MINISTACK_ACCOUNT_ID', '111111111111'],
    ['AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE'],
  ])('refuses to start with %s=%s', (name, value) => {
    const python = join(import.meta.dirname, '../../.venv/bin/python');
    const env = {
      PATH: String(process.env.PATH),
      GATEWAY_PORT: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      [name]: value,
    };
    const start = () =>
      execFileSync(python, ['-m', 'aws'], {
        cwd: join(import.meta.dirname, '../../local'),
        env,
        stdio: 'pipe',
      });
    expect(start).toThrow(`${name} is ${value}`);
  });
});
