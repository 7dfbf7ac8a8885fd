import { execFileSync } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../support/receiver.ts';
import { failed, machine, NO_CREDENTIALS, SHELLS, succeeded, TOKEN } from './support/machine.ts';

vi.setConfig({ testTimeout: 30_000 });

const OK = '#!/bin/sh\n';
const BROKEN = '#!/bin/sh\nprintf "a \\"b\\"\\n\\\\\\\\c"\nexit 5\n';

/** Fails as often as that, then takes everything. */
const failing = (times: number): Answer => {
  let left = times;
  return (response: ServerResponse) =>
    left-- > 0 ? response.writeHead(500).end('{"__type":"InternalServerError"}') : response.end('{}');
};

/** Writes down what it is called with, and where. */
const aws = (code: string) => `printf '%s\\n' "$@" >>"$CALLS/aws"; env pwd >>"$CALLS/folder"; ${code}`;

describe.each(SHELLS)('with %s and the AWS CLI', (shell) => {
  it.each([
    ['success', OK, 'success', succeeded.body],
    ['failure', BROKEN, 'failure', failed(5, 'a "b"\n\\c\n').body],
  ])('a %s is told by it, and by nothing else', async (_, script, kind, body) => {
    const { root, run, calls } = await machine({ shell, commands: { aws: aws('exit 0') } });
    expect(await run(script)).toEqual([]);
    const [service, command, ...options] = (await calls('aws')).trim().split('\n');
    expect([service, command]).toEqual(['stepfunctions', `send-task-${kind}`]);
    expect(options.slice(0, 3)).toEqual(['--region', 'eu-west-1', '--cli-input-json']);
    expect(JSON.parse(options.slice(3).join('\n'))).toEqual(body);
    expect(await calls('folder')).toBe(`${root}\n`);
  });

  it('that fails, it is told by curl', async () => {
    const { run, calls } = await machine({ shell, commands: { aws: aws('exit 255') } });
    expect(await run(OK)).toMatchObject([succeeded]);
    expect((await calls('aws')).match(/^stepfunctions$/gm)).toHaveLength(1);
  });
});

describe('by curl', () => {
  it('it is a signed call of Step Functions', async () => {
    const { run } = await machine();
    const [signal] = await run(OK);
    expect(signal?.headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AWSStepFunctions.SendTaskSuccess',
      'x-amz-security-token': 's3ss10n',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/states\/aws4_request, ?SignedHeaders=/,
      ),
    });
  });

  it('it is told again when the endpoint fails at first, until that has heard it', async () => {
    const { run, receiver, calls } = await machine({ answer: failing(3) });
    const signals = await run(BROKEN);
    expect(signals).toHaveLength(4);
    expect(signals.at(-1)).toMatchObject(failed(5, 'a "b"\n\\c\n'));
    expect(receiver.received).toHaveLength(4);
    // The first is for the console.
    expect(await calls('sleep')).toBe('1\n1\n3\n9\n');
  });

  it('it is told four times at most, and then left to the time-out', async () => {
    const { run, calls } = await machine({ answer: failing(99) });
    expect(await run(OK)).toHaveLength(4);
    expect(await calls('sleep')).toBe('1\n1\n3\n9\n27\n');
  });

  it('a long token and a long output are told whole', async () => {
    const token = 'T'.repeat(2048);
    const { run } = await machine({ token });
    const [signal] = await run(`#!/usr/bin/env python3\nprint('"' * 5000)\nraise SystemExit(1)\n`);
    expect(signal?.body).toEqual({
      taskToken: token,
      error: 'ScriptFailed',
      cause: `exit 1\n${'"'.repeat(2999)}\n`,
    });
  });
});

describe('with the credentials of the machine’s role', () => {
  const CREDENTIALS = {
    Code: 'Success',
    LastUpdated: '2025-06-05T12:00:00Z',
    Type: 'AWS-HMAC',
    AccessKeyId: 'ASIAROLE',
    SecretAccessKey: 'a/b+c=d',
    Token: 'IQoJb3JpZ2luX2VjE//+x==',
    Expiration: '2025-06-05T18:00:00Z',
  };
  /** As the metadata service lays it out, and as it might. */
  const LAYOUTS = [
    ['one field a line', JSON.stringify(CREDENTIALS, null, 2).replaceAll('": ', '" : ')],
    ['one line', JSON.stringify(CREDENTIALS)],
    ['lines as Windows ends them', JSON.stringify(CREDENTIALS, null, 2).replaceAll('\n', '\r\n')],
  ] as const;

  /** Version 2 of the service: nothing without a token of its own. */
  const curl = (credentials: string) => `
printf '%s\\n' "$@" >>"$CALLS/curl"
case "$*" in
  *'-X PUT'*'-ttl-seconds: '*' http://169.254.169.254/latest/api/token') printf k3y= ;;
  *'X-aws-ec2-metadata-token: k3y= http://169.254.169.254/latest/meta-data/iam/security-credentials/') printf my.role ;;
  *'X-aws-ec2-metadata-token: k3y= http://169.254.169.254/latest/meta-data/iam/security-credentials/my.role')
    cat <<'END'
${credentials}
END
    ;;
  *169.254*) exit 22 ;;
  *) exec "$REAL" "$@" ;;
esac`;

  it.each(LAYOUTS)('in %s', async (_, credentials) => {
    const { run, calls } = await machineWithCurl(curl(credentials));
    const [signal] = await run(BROKEN);
    expect(signal).toMatchObject(failed(5, 'a "b"\n\\c\n'));
    expect(signal?.headers).toMatchObject({
      'x-amz-security-token': CREDENTIALS.Token,
      authorization: expect.stringContaining('Credential=ASIAROLE/'),
    });
    expect(await calls('curl')).toContain('\n-u\nASIAROLE:a/b+c=d\n');
  });

  it('that cannot be had at first, it is told when they can', async () => {
    const command = `if [ ! -f "$CALLS/tried" ]; then echo >"$CALLS/tried"; exit 7; fi\n${curl(LAYOUTS[0][1])}`;
    const { run, receiver } = await machineWithCurl(command);
    receiver.answer = (response) =>
      response.writeHead(response.req.headers.authorization?.includes('ASIAROLE/') ? 200 : 403).end('{}');
    const signals = await run(OK);
    expect(signals).toHaveLength(2);
    expect(signals[1]).toMatchObject({
      body: { taskToken: TOKEN },
      headers: { authorization: expect.stringContaining('Credential=ASIAROLE/') },
    });
  });

  it('those of its environment are taken first', async () => {
    const { run, calls } = await machineWithCurl(curl('{}'), { AWS_ACCESS_KEY_ID: 'AKIDENV' });
    const [signal] = await run(OK);
    expect(signal?.headers.authorization).toContain('Credential=AKIDENV/');
    expect(await calls('curl')).not.toContain('169.254');
  });
});

function machineWithCurl(curl: string, env = {}) {
  const real = execFileSync('sh', ['-c', 'command -v curl'], { encoding: 'utf8' }).trim();
  return machine({ commands: { curl }, env: { ...NO_CREDENTIALS, REAL: real, ...env } });
}
