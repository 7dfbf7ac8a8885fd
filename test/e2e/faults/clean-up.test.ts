import { DeregisterImageCommand, DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callCleanUp } from '../support/clean-up.ts';
import { imagesOf, ours, seen, until } from '../support/flow.ts';
import { put } from '../support/put.ts';
import { untilDone } from '../support/queues.ts';
import { type Session, startSession } from '../support/session.ts';

let session: Session;
let ec2: EC2Client;

beforeAll(async () => {
  session = await startSession();
  ec2 = new EC2Client(session.aws.clientConfig);
});
afterAll(() => session?.stop());
beforeEach(() => session.aws.control.reset({ ec2: true }));

/** So many images of a name that are old enough to go, and the newest two, which stay. */
async function old(instanceName: string, count: number) {
  const { control } = session.aws;
  for (const ageDays of [2, 1]) {
    await control.addImage({ name: `${instanceName}-${ageDays}`, ageDays, tags: ours(instanceName) });
  }
  const doomed = Array.from({ length: count }, (_, index) =>
    control.addImage({
      name: `${instanceName}-old-${index}`,
      ageDays: 40 - index,
      tags: ours(instanceName),
      snapshots: 2,
    }),
  );
  return Promise.all(doomed);
}

const runDaily = () => callCleanUp(session);

/** The reports since, once there are so many. */
async function reports(before: number, count = 1) {
  await until('the report', () => seen(session, 'AmiCleaned').length >= before + count);
  return seen(session, 'AmiCleaned').slice(before);
}
const reported = () => seen(session, 'AmiCleaned').length;

const snapshotsLeft = async () =>
  (await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))).Snapshots?.map(
    ({ SnapshotId }) => SnapshotId,
  ).sort() ?? [];
const snapshotsOfImages = async () =>
  (await session.aws.control.images()).flatMap(({ snapshotIds }) => snapshotIds).sort();

describe('DeregisterImage done, snapshots not', () => {
  it('a snapshot that EC2 could not delete in that call is deleted by itself', async () => {
    const [image] = await old('api', 1);
    const [first = '', second = ''] = image?.snapshotIds ?? [];
    await session.aws.control.setSnapshotResults({ [first]: 'internal-error' });
    const before = reported();
    expect(await runDaily()).toMatchObject({ failed: undefined });
    const [report] = await reports(before);
    expect(report?.deleted[0]?.snapshotIds.sort()).toEqual([first, second].sort());
    expect(report?.failed).toEqual([]);
    expect(await snapshotsLeft()).toEqual(await snapshotsOfImages());
  });

  it('one that cannot be deleted at all is reported, the run fails, and it goes once nobody can bring its image back', async () => {
    const [image] = await old('api', 1);
    const [stuck = ''] = image?.snapshotIds ?? [];
    await session.aws.control.setSnapshotResults({ [stuck]: 'internal-error' });
    const fault = await session.aws.control.addFault({
      action: 'DeleteSnapshot',
      kind: 'error',
      code: 'OperationNotPermitted',
      match: { SnapshotId: stuck },
    });
    const before = reported();
    expect(await runDaily()).toMatchObject({
      failed: expect.any(String),
      body: expect.stringContaining(stuck),
    });
    const [report] = await reports(before);
    expect(report?.deleted.map(({ imageId }) => imageId)).toEqual([image?.imageId]);
    expect(report?.failed).toMatchObject([
      { code: 'OperationNotPermitted', message: expect.stringContaining(stuck) },
    ]);
    expect(await snapshotsLeft()).toContain(stuck);

    await session.aws.control.removeFaults(fault.id);
    expect(await runDaily()).toMatchObject({ failed: undefined });
    expect(await snapshotsLeft()).toContain(stuck);
    await session.aws.control.retention.emptyRecycleBin();
    expect(await runDaily()).toMatchObject({ failed: undefined });
    expect(await snapshotsLeft()).toEqual(await snapshotsOfImages());
  });

  it('a crash between the two: the next run deletes the orphaned snapshots', async () => {
    const [image] = await old('api', 1);
    const ImageId = image?.imageId ?? '';
    await ec2.send(new DeregisterImageCommand({ ImageId }));
    expect(await snapshotsLeft()).toEqual(expect.arrayContaining(image?.snapshotIds ?? []));
    expect(await runDaily()).toMatchObject({ failed: undefined });
    expect(await snapshotsLeft()).toEqual(await snapshotsOfImages());
  });
});

it('two clean-ups at once: each image goes once and is reported once, and neither run fails', async () => {
  const doomed = await old('api', 8);
  const before = reported();
  // Both have made their plan before either deletes one.
  await session.aws.control.addFault({ action: 'DeregisterImage', kind: 'delay', seconds: 3, times: 2 });
  const runs = await Promise.all([runDaily(), runDaily()]);
  expect(runs.map(({ failed }) => failed)).toEqual([undefined, undefined]);
  expect(await imagesOf(session, 'api')).toHaveLength(2);
  const calls = await session.aws.control.calls({ service: 'ec2', action: 'DeregisterImage' });
  expect(calls.length).toBeGreaterThan(doomed.length);
  // Of these: what a test before this one has reported may be heard only now.
  const told = () =>
    seen(session, 'AmiCleaned')
      .slice(before)
      .flatMap(({ deleted }) => deleted.map(({ imageId }) => imageId))
      .filter((id) => doomed.some(({ imageId }) => imageId === id));
  await until('all of them reported', () => told().length >= doomed.length);
  expect(told().sort()).toEqual(doomed.map(({ imageId }) => imageId).sort());
  expect(await snapshotsLeft()).toEqual(await snapshotsOfImages());
});

it('half of the images cannot be deregistered: each is reported, the run fails, the next one finishes', async () => {
  const doomed = await old('api', 6);
  const stuck = doomed.filter((_, index) => index % 2 === 0).map(({ imageId }) => imageId);
  for (const ImageId of stuck) {
    await session.aws.control.addFault({
      action: 'DeregisterImage',
      kind: 'error',
      code: 'OperationNotPermitted',
      match: { ImageId },
    });
  }
  const before = reported();
  const run = await runDaily();
  expect(run.failed).toBeDefined();
  for (const imageId of stuck) expect(run.body).toContain(imageId);
  const [report] = await reports(before);
  expect(report?.failed.map(({ imageId, code }) => [imageId, code])).toEqual(
    stuck.map((imageId) => [imageId, 'OperationNotPermitted']),
  );
  expect(report?.deleted.map(({ imageId }) => imageId)).toEqual(
    doomed.map(({ imageId }) => imageId).filter((imageId) => !stuck.includes(imageId)),
  );

  await session.aws.control.removeFaults();
  expect(await runDaily()).toMatchObject({ failed: undefined });
  const [, next] = await reports(before, 2);
  expect(next?.deleted.map(({ imageId }) => imageId)).toEqual(stuck);
  expect(await snapshotsLeft()).toEqual(await snapshotsOfImages());
});

it('the run after an image dies between a deletion and its journal: the next delivery goes on, and tells it once', async () => {
  const doomed = await old('api', 3);
  const { imageId: newest = '', name: imageName = '' } = (await imagesOf(session, 'api')).at(-1) ?? {};
  await session.aws.control.addFault({
    service: 'dynamodb',
    action: 'BatchWriteItem',
    kind: 'error',
    code: 'ValidationException',
    after: 1,
    times: 1,
  });
  const before = reported();
  const detail = {
    requestId: 'r',
    attempt: 1,
    instanceName: 'api',
    imageId: newest,
    imageName,
    region: session.aws.region,
    instanceId: 'i-0123456789abcdef0',
    reason: 'Deploy',
    noReboot: true,
    createdAt: new Date().toISOString(),
    snapshotIds: [],
  };
  await put(session, { detailType: 'AmiAvailable', detail, source: 'amity' });
  const [report] = await reports(before);
  expect(report).toMatchObject({ trigger: 'available', instanceName: 'api', failed: [] });
  expect(report?.deleted).toMatchObject(
    doomed.map(({ imageId, snapshotIds }) => ({ imageId, snapshotIds: expect.arrayContaining(snapshotIds) })),
  );
  await untilDone(session, 'AmiAvailable/CleanUp');
  expect(reported()).toBe(before + 1);
  const calls = await session.aws.control.calls({ action: 'DeregisterImage' });
  expect(calls).toHaveLength(doomed.length);
});
