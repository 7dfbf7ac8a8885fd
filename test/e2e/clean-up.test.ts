import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { publishRequest } from '../../local/story.ts';
import { callCleanUp } from './support/clean-up.ts';
import { cardsAbout, daysAgo, ours, seen, settle, until, untilSeen } from './support/flow.ts';
import { type Session, startSession } from './support/session.ts';

let session: Session;

beforeAll(async () => {
  session = await startSession();
});
afterAll(() => session?.stop());
beforeEach(() => session.aws.control.reset({ ec2: true }));

async function add(name: string, ageDays: number, tags: Record<string, string>, more: object = {}) {
  return session.aws.control.addImage({ name, ageDays, tags, ...more });
}

const runDaily = () => callCleanUp(session);

const left = async () => (await session.aws.control.images()).map(({ imageId }) => imageId).sort();

describe('the daily clean-up', () => {
  it('deletes exactly what is ours and old, with its snapshots, and leaves every look-alike', async () => {
    const doomed = [
      await add('api-1', 30, ours('api'), { snapshots: 2 }),
      await add('api-2', 20, ours('api')),
      await add('broken', 15, ours('worker'), { state: 'failed', snapshots: 0 }),
    ];
    const stays = [
      await add('api-3', 16, ours('api')),
      await add('api-4', 1, ours('api')),
      await add('worker-1', 40, ours('worker')),
      await add('worker-2', 13.9, ours('worker')),
      await add('api-Deploy-2025-01-01_10_00', 90, { Reason: 'Deploy', Name: 'api' }),
      await add('by-accident', 90, { 'Amity:Instance-Name': 'api', 'amity:instance-names': 'api' }),
      await add('empty', 90, { 'amity:instance-name': '' }),
      await add('backup', 90, ours('api', { 'aws:backup:source-resource': 'i-1' })),
      await add('builder', 90, ours('api', { CreatedBy: 'EC2 Image Builder' })),
      await add('pending', 90, ours('api'), { state: 'pending' }),
      await add('of-others', 90, ours('api'), { ownerId: '999999999999', public: true }),
    ];
    const before = seen(session, 'AmiCleaned').length;
    expect(await runDaily()).toMatchObject({ failed: undefined });
    const report = await until('AmiCleaned', () => seen(session, 'AmiCleaned')[before]);
    expect(report.trigger).toBe('schedule');
    expect(report.deleted.map(({ imageId }) => imageId)).toEqual(doomed.map(({ imageId }) => imageId));
    expect(report.deleted[0]).toMatchObject({ ageDays: 30, snapshotIds: doomed[0]?.snapshotIds });
    expect(report.failed).toEqual([]);
    expect(report.counts).toMatchObject({ deleted: 3, failed: 0 });
    const remaining = await left();
    for (const image of stays.slice(0, -1)) expect(remaining).toContain(image.imageId);
    for (const image of doomed) expect(remaining).not.toContain(image.imageId);
    await until('the card', () => cardsAbout(session, doomed[0]?.imageId ?? '')[0]);
  });

  it('keeps an image that an instance uses, and says so', async () => {
    const used = await add('used', 60, ours('db'));
    await add('newer', 10, ours('db'));
    await add('newest', 5, ours('db'));
    await session.aws.control.startInstance({ name: 'restored', imageId: used.imageId, state: 'stopped' });
    const before = seen(session, 'AmiCleaned').length;
    await runDaily();
    const report = await until('AmiCleaned', () => seen(session, 'AmiCleaned')[before]);
    expect(report.deleted).toEqual([]);
    expect(report.kept).toEqual([
      expect.objectContaining({
        imageId: used.imageId,
        reason: expect.stringMatching(/^in use: instance\/i-/),
      }),
    ]);
    expect(await left()).toContain(used.imageId);
  });

  it('deletes nothing when references cannot be read, and ends in an error', async () => {
    const old = await add('old', 60, ours('db'));
    await add('newer', 10, ours('db'));
    await add('newest', 5, ours('db'));
    await session.aws.control.addFault({
      action: 'DescribeImageReferences',
      kind: 'error',
      code: 'UnauthorizedOperation',
      status: 403,
    });
    const before = seen(session, 'AmiCleaned').length;
    expect(await runDaily()).toMatchObject({
      failed: expect.any(String),
      body: expect.stringContaining('references-unreadable'),
    });
    const report = await until('AmiCleaned', () => seen(session, 'AmiCleaned')[before]);
    expect(report.deleted).toEqual([]);
    expect(report.failed).toEqual([expect.objectContaining({ code: 'references-unreadable' })]);
    expect(await left()).toContain(old.imageId);
  });

  it('says nothing when it had nothing to do', async () => {
    await add('only', 60, ours('db'));
    const before = seen(session, 'AmiCleaned').length;
    await runDaily();
    await settle(2);
    expect(seen(session, 'AmiCleaned')).toHaveLength(before);
  });
});

describe('npm run adopt', () => {
  const adopt = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['cli/adopt.ts', ...args], { env: session.aws.childEnv });

  it("makes the older system's images ours, so that clean-up takes them over", async () => {
    const legacy = ['01', '02', '03'].map((day) => `shop-Deploy-2025-06-${day}_12_00`);
    const [oldest] = await Promise.all(
      legacy.map((name, n) => add(name, 90 - n, { Name: name, Reason: 'Deploy' })),
    );
    const other = await add('shop-Deploy-by-hand', 90, { Reason: 'Deploy' });
    await runDaily();
    expect(await left()).toHaveLength(4);

    await expect(adopt()).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining(legacy[0] ?? ''),
    });
    expect((await session.aws.control.images()).some(({ tags }) => 'amity:instance-name' in tags)).toBe(
      false,
    );

    expect((await adopt('--yes')).stdout).toContain('Adopted 3 of shop');
    expect((await adopt('--yes')).stdout).toContain('No image of the older system is left');
    await runDaily();
    const remaining = await left();
    expect(remaining).not.toContain(oldest?.imageId);
    expect(remaining).toContain(other.imageId);
    expect(remaining).toHaveLength(3);
  });

  it('says in words when EC2 cannot be reached', async () => {
    const env = { ...session.aws.childEnv, AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' };
    const run = promisify(execFile)(process.execPath, ['cli/adopt.ts'], { env });
    await expect(run).rejects.toMatchObject({ stderr: expect.stringContaining('EC2 did not answer') });
  });
});

describe('clean-up after an image is available', () => {
  it("takes that name's old images only", async () => {
    const old = await add('shop-old', 20, ours('shop'));
    const second = await add('shop-2', 15, ours('shop'));
    const other = [
      await add('other-1', 90, ours('other')),
      await add('other-2', 80, ours('other')),
      await add('other-3', 70, ours('other')),
    ];
    await session.aws.control.startInstance({ name: 'shop', launchTime: daysAgo(1) });
    await publishRequest(session, { instanceName: 'shop' });
    const report = await untilSeen(session, 'AmiCleaned', 'shop');
    expect(report).toMatchObject({ trigger: 'available', instanceName: 'shop' });
    expect(report.deleted.map(({ imageId }) => imageId)).toEqual([old.imageId]);
    const remaining = await left();
    for (const image of [second, ...other]) expect(remaining).toContain(image.imageId);
  });
});
