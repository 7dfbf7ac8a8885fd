import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DeregisterImageCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImageWanted } from '../../local/control-types.ts';
import { fates, reportOf } from './support/clean-up.ts';
import { ours } from './support/flow.ts';
import { type Session, startSession } from './support/session.ts';

let session: Session;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amity-operators-'));
  session = await startSession();
});
afterAll(async () => {
  await session?.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, args, {
    env: session.aws.childEnv,
    maxBuffer: 16 * 1024 * 1024,
  });

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

describe('npm run plan and npm run apply', () => {
  beforeEach(() => session.aws.control.reset({ ec2: true }));

  const add = (name: string, ageDays: number, more: Partial<ImageWanted> = {}) =>
    session.aws.control.addImage({ name: `${name}-${ageDays}`, ageDays, tags: ours(name), ...more });
  const left = async () => (await session.aws.control.images()).map(({ imageId }) => imageId);
  const plan = (...args: string[]) => run('cli/plan.ts', ...args);
  const apply = (...args: string[]) => run('cli/apply.ts', ...args);
  const file = (name: string) => join(folder, name);

  it('the plan says what would happen and why, and changes nothing', async () => {
    const { control } = session.aws;
    const gone = await add('shop', 40, { snapshots: 2 });
    const used = await add('shop', 39);
    await control.retention.addRecipe({ imageId: used.imageId, name: 'web' });
    await add('shop', 38, { launchPermissions: [{ UserId: '111122223333' }] });
    await add('shop', 37, { tags: ours('shop', { 'amity:keep': '' }) });
    for (const ageDays of [20, 3]) await add('shop', ageDays);
    await add('other', 40);
    const description = 'Created by CreateImage(i-0123456789abcdef0) for ami-0123456789abcdef0';
    const { snapshotId } = await control.retention.addSnapshot({
      tags: ours('shop'),
      ageDays: 30,
      description,
    });
    const images = await control.images();
    await control.clearCalls();

    const [table, json] = [await plan(), await plan('--json', '--out', file('full.json'))];
    // Consumers that poll their queues are nobody's doing.
    const calls = (await control.calls()).filter(({ service }) => service !== 'sqs');
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.filter(({ action }) => !/^(Describe|List|Get)/.test(action))).toEqual([]);
    expect(await control.images()).toEqual(images);

    const rows = table.stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(rows[0]).toEqual(['us-east-1: keep 6, delete 1, delete-snapshot 1']);
    expect(rows[1]).toEqual(['ACTION', 'IMAGE', 'NAME', 'DAYS', 'UP TO GB', 'FOR', 'AGAINST']);
    const old = 'older than 14 days';
    expect(rows.slice(2)).toEqual(
      expect.arrayContaining([
        ['delete', gone.imageId, 'shop-40', '40', '16.0', old],
        ['keep', used.imageId, 'shop-39', '39', '8.0', old, 'in use: image-recipe/web/1.0.0'],
        expect.arrayContaining(['in use: shared with 111122223333, no recent usage report']),
        expect.arrayContaining(['shop-37', 'tag amity:keep']),
        expect.arrayContaining(['shop-20', 'newest']),
        expect.arrayContaining(['shop-3', 'young']),
        expect.arrayContaining(['delete-snapshot', `${snapshotId} of ami-0123456789abcdef0`, '30']),
      ]),
    );
    expect(json.stdout.trim()).toBe((await readFile(file('full.json'), 'utf8')).trim());
    const { region, plans } = JSON.parse(json.stdout);
    expect([region, plans.length, plans[0].entries.length]).toEqual(['us-east-1', 1, 8]);

    const named = JSON.parse((await plan('--json', '--name', 'other')).stdout);
    expect(named.plans[0].entries).toMatchObject([{ imageName: 'other-40', action: 'keep' }]);
  });

  it('what is saved is done, but for what has changed since, which is said', async () => {
    const { control } = session.aws;
    const [gone, used, kept, deregistered] = [
      await add('shop', 40),
      await add('shop', 39),
      await add('shop', 38),
      await add('shop', 37),
    ];
    for (const ageDays of [20, 3]) await add('shop', ageDays);
    await plan('--out', file('plan.json'));
    await control.startInstance({ imageId: used.imageId });
    await control.changeImage(kept.imageId, { deregistrationProtection: 'enabled' });
    await new EC2Client(session.aws.clientConfig).send(
      new DeregisterImageCommand({ ImageId: deregistered.imageId }),
    );
    const unread = await add('shop', 90);
    const before = await left();
    await expect(apply(file('plan.json'))).rejects.toMatchObject({
      stderr: expect.stringContaining('add --yes'),
    });
    expect(await left()).toEqual(before);

    const { stdout } = await apply(file('plan.json'), '--yes');
    const [, runId = ''] = /^(apply-[0-9a-f-]+): deleted 1, kept 2, failed 0$/m.exec(stdout) ?? [];
    const report = await reportOf(session, runId);
    expect(report.trigger).toBe('apply');
    expect([...fates(report)]).toEqual([
      [gone.imageId, 'deleted'],
      [used.imageId, expect.stringMatching(/^in use: instance\/i-/)],
      [kept.imageId, 'deregistration protection'],
    ]);
    expect(await left()).toEqual(before.filter((imageId) => imageId !== gone.imageId));
    expect(await left()).toContain(unread.imageId);
    // Done already: a second time it changes nothing more.
    expect((await apply(file('plan.json'), '--yes')).stdout).toContain('deleted 0, kept 2');
  });

  it('with the cap lifted, 120 images go: who uses them is asked once an image, ten a call, and no deletion is throttled', async () => {
    const { control } = session.aws;
    const wanted = Array.from({ length: 120 }, (_, index) => add('fleet', 200 - index));
    const images = (await Promise.all(wanted)).map(({ imageId }) => imageId);
    for (const ageDays of [2, 1]) await add('fleet', ageDays);
    expect((await plan()).stdout).toMatch(/^us-east-1: keep 122\nSTOPPED: 120 of 122 images/);
    const retention = { maxDeletionsPerRun: 1000, stopAboveShare: 1 };
    await writeFile(file('lifted.json'), JSON.stringify({ retention }));
    await plan('--config', file('lifted.json'), '--out', file('fleet.json'));
    await control.clearCalls();
    expect((await apply(file('fleet.json'), '--yes')).stdout).toContain('deleted 120, kept 0, failed 0');
    const calls = await control.calls({ service: 'ec2' });
    const asked = calls.filter(({ action }) => action === 'DescribeImageReferences');
    const idsIn = asked.map(({ params }) =>
      Object.entries(params).flatMap(([name, id]) => (/^ImageId\.\d+$/.test(name) ? [String(id)] : [])),
    );
    expect(idsIn.map((ids) => ids.length)).toEqual(Array(12).fill(10));
    expect(idsIn.flat().sort()).toEqual(images.sort());
    const deregistered = calls.filter(({ action }) => action === 'DeregisterImage');
    expect(deregistered).toHaveLength(120);
    // Who asks EC2 for whom an image is shared with has two plans before it, which may have drained that bucket.
    expect([...asked, ...deregistered].filter(({ errorCode }) => errorCode)).toEqual([]);
    expect(await left()).toHaveLength(2);
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', 'ACTION IMAGE', /not valid JSON/],
    ['another JSON', '{"version":2}', /is no saved plan: /],
    ['an action that nobody knows', saved([{ action: 'burn', imageId: 'ami-1' }]), /is no saved plan: /],
    [
      'another region',
      saved([{ action: 'delete', imageId: 'ami-1' }], 'eu-west-1'),
      /was made for eu-west-1/,
    ],
  ])('a file with %s is refused', async (_, content, message) => {
    await writeFile(file('nonsense.json'), content);
    await expect(apply(file('nonsense.json'), '--yes')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(message),
    });
  });

  it('no file, one that is not there, and one that changes nothing are told apart', async () => {
    await expect(apply()).rejects.toMatchObject({ stderr: expect.stringContaining('Name the file') });
    await expect(apply(file('none.json'))).rejects.toMatchObject({
      stderr: expect.stringContaining('ENOENT'),
    });
    await writeFile(file('empty.json'), saved([{ action: 'keep', imageId: 'ami-1' }]));
    expect((await apply(file('empty.json'))).stdout).toContain('The plan changes nothing');
  });
});

/** A saved plan with these entries. */
function saved(entries: readonly object[], region = 'us-east-1'): string {
  const plannedAt = new Date().toISOString();
  return JSON.stringify({ version: 1, region, plannedAt, plans: [{ region, entries }] });
}
