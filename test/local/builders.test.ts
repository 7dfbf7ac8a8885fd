import { existsSync, readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateImageCommand,
  EC2Client,
  GetConsoleOutputCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startEmbeddedAws } from '../../local/embedded-aws.ts';
import {
  deploy,
  errorOf,
  imageName,
  isAlive,
  role,
  type Suite,
  untilState,
  useEmbeddedAws,
} from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
const baseImage = 'ami-0a1b2c3d4e5f60789';

beforeAll(() =>
  deploy(suite, 'Builder', {
    Role: role('builder', ['ec2.amazonaws.com']),
    Profile: {
      Type: 'AWS::IAM::InstanceProfile',
      Properties: { InstanceProfileName: 'builder', Roles: [{ Ref: 'Role' }] },
    },
  }),
);
beforeEach(() => suite.aws.control.setLimit('RunInstances', null));

/** A wrapper around the user's part, which leaves its work to another process, as one does that waits for cloud-init. */
const wrapped = (script: string, after = '') => `#!/bin/sh
export TOKEN=secret
cat >run <<'AMITY_USER_DATA'
${script}
AMITY_USER_DATA
work() { sh ./run >"$AMITY_ROOT/dev/console" 2>&1; ${after} echo over >"$AMITY_ROOT/over"; }
work </dev/null >/dev/null 2>&1 &
echo begun
`;

async function start(
  userData: string,
  more: Partial<RunInstancesCommandInput> = {},
  { ec2 }: Suite = suite,
): Promise<string> {
  const Tags = [{ Key: 'amity:builder', Value: 'request' }];
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: baseImage,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [{ ResourceType: 'instance', Tags }],
      UserData: Buffer.from(userData).toString('base64'),
      ...more,
    }),
  );
  return String(Instances[0]?.InstanceId);
}

async function consoleOf(InstanceId: string): Promise<string> {
  const { Output = '' } = await suite.ec2.send(new GetConsoleOutputCommand({ InstanceId }));
  return Buffer.from(Output, 'base64').toString();
}

const rootOf = (id: string, { aws }: Suite = suite) =>
  vi.waitFor(() => aws.control.builders.root(id), { timeout: 20_000, interval: 50 });
const fileIn = async (root: string, name: string) =>
  vi.waitFor(() => readFile(join(root, name), 'utf8'), { timeout: 20_000, interval: 50 });

/** Runs an allowed script to its end; what it left, and what it printed. */
async function play(script: string, after = '', more: Partial<RunInstancesCommandInput> = {}) {
  await suite.aws.control.builders.allow(script);
  const id = await start(wrapped(script, after), more);
  const root = await rootOf(id);
  await fileIn(root, 'over');
  return { id, root, printed: await consoleOf(id) };
}

/** What a shell sets itself. */
const shells = new Set(['_', 'OLDPWD', 'PWD', 'SHLVL']);

describe('a builder', () => {
  it('has nothing of this process around it but a place of its own', async () => {
    const { root, printed } = await play('pwd; env');
    const [begun, folder, ...env] = printed.trim().split('\n');
    expect(begun).toBe('begun');
    expect(folder).toBe(join(root, '../work'));
    const names = env.map((line) => line.split('=')[0] ?? '').filter((each) => !shells.has(each));
    const aws = ['AWS_DEFAULT_REGION', 'AWS_EC2_METADATA_DISABLED', 'AWS_ENDPOINT_URL', 'AWS_REGION'];
    expect(names.sort()).toEqual(['AMITY_ROOT', ...aws, 'HOME', 'PATH', 'TMPDIR', 'TOKEN']);
    expect(env).toContain(`AWS_ENDPOINT_URL=${suite.aws.endpoint}`);
    expect(env).toContain(`AMITY_ROOT=${root}`);
  });

  it("acts as its profile's role, and knows no other credentials", async () => {
    const ask = `curl -s --aws-sigv4 aws:amz:us-east-1:sts -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\
  -H "X-Amz-Security-Token: $AWS_SESSION_TOKEN" "$AWS_ENDPOINT_URL/?Action=GetCallerIdentity&Version=2011-06-15"
curl http://169.254.169.254/latest/meta-data/; echo "metadata: $?"`;
    const { printed } = await play(ask, '', { IamInstanceProfile: { Name: 'builder' } });
    expect(printed).toContain('assumed-role/builder/');
    expect(printed).toContain('metadata: 7');
  });

  it('has stand-ins for what would change this machine', async () => {
    const { root, printed } = await play(
      'cloud-init status --wait; dnf install -y nginx && apt-get update && systemctl enable --now nginx',
      'cloud-init clean --logs;',
    );
    expect(printed.split('\n').slice(1, 5)).toEqual([
      'status: done',
      '(played) dnf install -y nginx',
      '(played) apt-get update',
      '(played) systemctl enable --now nginx',
    ]);
    expect(existsSync(join(root, 'var/lib/cloud'))).toBe(false);
    expect(readdirSync(join(root, 'var/log'))).toEqual([]);
  });

  it('finds a machine that has booted', async () => {
    const { root } = await play('true');
    for (const name of ['user-data.txt', 'scripts/part-001'])
      expect(await fileIn(root, `var/lib/cloud/instance/${name}`)).toBe(wrapped('true'));
    expect(await fileIn(root, 'etc/machine-id')).toMatch(/^[0-9a-f]{32}\n$/);
    expect(await fileIn(root, 'etc/ssh/ssh_host_ed25519_key')).toContain('PRIVATE KEY');
    expect(await fileIn(root, 'etc/ssh/ssh_host_ed25519_key.pub')).toContain('ssh-ed25519');
    expect(await fileIn(root, 'var/log/cloud-init-output.log')).toContain('Cloud-init');
  });

  it('is run only when its script is known, its own part to the letter', async () => {
    await suite.aws.control.builders.allow('echo known');
    for (const script of ['echo unknown', 'echo known; echo more', 'echo  known']) {
      const id = await start(wrapped(script));
      const root = await rootOf(id);
      expect(await consoleOf(id)).toMatch(/^The embedded AWS has not run this user data/);
      expect(existsSync(join(root, '../work'))).toBe(false);
    }
    const untagged = await start(wrapped('echo known'), { TagSpecifications: [] });
    await vi.waitFor(
      async () =>
        expect(await suite.aws.control.instances()).toContainEqual(
          expect.objectContaining({ instanceId: untagged, state: 'running' }),
        ),
      { timeout: 20_000 },
    );
    expect(await consoleOf(untagged)).toBe('');
    expect((await errorOf(suite.aws.control.builders.root(untagged))).message).toContain('no builder');
  });

  it('with a #cloud-config runs the script beside it', async () => {
    const config = '#cloud-config\npackages: [nginx]\n';
    const mime = (content: string) =>
      [
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary=B',
        '',
        `--B\nContent-Type: text/cloud-config\n\n${content}`,
        '--B\nContent-Type: text/x-shellscript\n\n#!/bin/sh\necho "beside $AMITY_ROOT"',
        '--B--\n',
      ].join('\n');
    await suite.aws.control.builders.allow(config);
    const id = await start(mime(config));
    const root = await rootOf(id);
    await vi.waitFor(async () => expect(await consoleOf(id)).toBe(`beside ${root}\n`), { timeout: 20_000 });
    expect(await fileIn(root, 'var/lib/cloud/instance/user-data.txt')).toBe(mime(config));
    const other = await start(mime(`${config}runcmd: [reboot]\n`));
    await rootOf(other);
    expect(await consoleOf(other)).toContain('has not run');
  });

  it('is known by what it fetches from a bucket, too', async () => {
    const s3 = new S3Client(suite.aws.clientConfig);
    await s3.send(new CreateBucketCommand({ Bucket: 'scripts' }));
    const fetching = async (Key: string, Body: string) => {
      await s3.send(new PutObjectCommand({ Bucket: 'scripts', Key, Body }));
      const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'scripts', Key }));
      return `#!/bin/sh\ncurl -fsSL --retry 5 -o run '${url}'\nsh ./run\n`;
    };
    await suite.aws.control.builders.allow('echo fetched');
    const known = await start(await fetching('known.sh', 'echo fetched'));
    const unknown = await start(await fetching('unknown.sh', 'echo other'));
    await rootOf(unknown);
    await vi.waitFor(async () => expect(await consoleOf(known)).toBe('fetched\n'), { timeout: 20_000 });
    expect(await consoleOf(unknown)).toContain('has not run');
  });

  it('leaves to an image what it has made, and nothing when it is not there', async () => {
    const made = await play('echo made >"$AMITY_ROOT/etc/made"', ': >"$AMITY_ROOT/etc/machine-id";');
    const { id } = made;
    // Else the next one would be over before it has begun.
    await rm(join(made.root, 'over'));
    await suite.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    const { ImageId = '' } = await suite.ec2.send(
      new CreateImageCommand({ InstanceId: id, Name: imageName() }),
    );
    await untilState(suite, ImageId, 'available');
    const { root, printed } = await play('cat "$AMITY_ROOT/etc/made"', '', { ImageId });
    expect(printed).toContain('made\n');
    expect(await fileIn(root, 'etc/machine-id')).toMatch(/^[0-9a-f]{32}\n$/);
  });
});

describe('the process of a builder', () => {
  const endless = 'sleep 1000 & echo $! >"$AMITY_ROOT/pid"; wait';
  async function startEndless(here: Suite = suite) {
    await here.aws.control.builders.allow(endless);
    const id = await start(wrapped(endless), {}, here);
    const root = await rootOf(id, here);
    const pid = await vi.waitFor(
      async () => {
        const read = Number(await readFile(join(root, 'pid'), 'utf8'));
        expect(isAlive(read)).toBe(true);
        return read;
      },
      { timeout: 20_000, interval: 50 },
    );
    return { id, pid, root };
  }
  const isGone = (pid: number) =>
    vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 20_000, interval: 50 });

  it.each([
    ['is stopped', (id: string) => suite.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }))],
    ['is terminated', (id: string) => suite.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }))],
    ['dies', (id: string) => suite.aws.control.changeInstance(id, { state: 'terminated' })],
    ['is forgotten', () => suite.aws.control.reset({ ec2: true })],
  ])('ends when its instance %s, with all that it has started', async (_, end) => {
    const { id, pid } = await startEndless();
    await end(id);
    await isGone(pid);
  });

  it('leaves its folder until reset', async () => {
    const { id, root } = await startEndless();
    await suite.aws.control.changeInstance(id, { state: 'terminated' });
    expect(existsSync(root)).toBe(true);
    await suite.aws.control.reset();
    expect(existsSync(root)).toBe(false);
  });

  it.each(['SIGTERM', 'SIGKILL'])('ends when the server does, by %s', async (name) => {
    const aws = await startEmbeddedAws();
    const ec2 = new EC2Client(aws.clientConfig);
    const { pid } = await startEndless({ aws, ec2 });
    process.kill(aws.pid, name);
    await isGone(pid);
    await aws.stop();
  });
});
