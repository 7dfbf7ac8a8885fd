import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  CreateTagsCommand,
  DeregisterImageCommand,
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  ListImagesInRecycleBinCommand,
  ListSnapshotsInRecycleBinCommand,
  type Tag,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Image, ImageWanted } from '../../../local/control-types.ts';
import { postRequest } from '../../../local/story.ts';
import { callCleanUp, cleanUp, fates } from '../support/clean-up.ts';
import { cardsAbout, daysAgo, ours, seen, until, untilSeen } from '../support/flow.ts';
import { put } from '../support/put.ts';
import { replayAll } from '../support/replay.ts';
import { RETENTION } from '../support/retention.ts';
import { type Session, startSession } from '../support/session.ts';

let session: Session;
let ec2: EC2Client;

beforeAll(async () => {
  session = await startSession({ config: { retention: RETENTION } });
  ec2 = new EC2Client(session.aws.clientConfig);
});
afterAll(() => session?.stop());

const add = (instanceName: string, ageDays: number, more: Partial<ImageWanted> = {}) =>
  session.aws.control.addImage({
    name: `${instanceName}-${ageDays}`,
    ageDays,
    tags: ours(instanceName),
    ...more,
  });
const idsOf = (images: readonly Image[]) => images.map(({ imageId }) => imageId).sort();
const told = (entries: readonly { imageId: string }[] = []) => entries.map(({ imageId }) => imageId).sort();

/** All that a restoration puts back as it was. */
async function looks(imageId: string) {
  const { Images: [image] = [] } = await ec2.send(
    new DescribeImagesCommand({ ImageIds: [imageId], IncludeDisabled: true, Owners: ['self'] }),
  );
  const { LaunchPermissions } = await ec2.send(
    new DescribeImageAttributeCommand({ ImageId: imageId, Attribute: 'launchPermission' }),
  );
  const SnapshotIds = (image?.BlockDeviceMappings ?? []).map(({ Ebs }) => Ebs?.SnapshotId ?? '');
  const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds }));
  const tags = (of: Tag[] = []) => Object.fromEntries(of.map(({ Key, Value }) => [Key, Value]));
  return {
    state: image?.State,
    name: image?.Name,
    deprecated: image?.DeprecationTime !== undefined,
    tags: tags(image?.Tags),
    permissions: LaunchPermissions,
    snapshots: Snapshots.map(({ SnapshotId, Tags }) => ({ SnapshotId, tags: tags(Tags) })),
  };
}

const setTag = (imageId: string, Key: string, Value: string) =>
  ec2.send(new CreateTagsCommand({ Resources: [imageId], Tags: [{ Key, Value }] }));
const request = (imageId: string, detail: object = {}) =>
  put(session, { detailType: 'AmiRestoreRequested', detail: { imageId, ...detail } });
const untilRestored = (imageId: string) =>
  until(
    `AmiRestored of ${imageId}`,
    () => seen(session, 'AmiRestored').find((each) => each.imageId === imageId),
    90,
  );
const restoreByHand = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['cli/restore.ts', ...args], { env: session.aws.childEnv });

describe('an image of a policy with stages', () => {
  const launchPermissions = [
    { UserId: '111122223333' },
    { OrganizationArn: 'arn:aws:organizations::111122223333:organization/o-abcdefghij' },
  ];
  let images: Image[];
  let before: Awaited<ReturnType<typeof looks>>[];

  it('is deprecated, then disabled, then deleted into the Recycle Bin, each in its time', async () => {
    const { control } = session.aws;
    const tags = ours('staged-api', { Name: 'api', team: 'a' });
    const more = { tags, snapshots: 2, snapshotTags: { ...tags, disk: 'data' } };
    images = [
      await add('staged-api', 40, more),
      await add('staged-api', 39, { ...more, launchPermissions }),
      await add('staged-api', 38, { ...more, launchPermissions }),
    ];
    const young = [
      await add('staged-api', 4),
      await add('staged-api', 41, { deregistrationProtection: 'enabled' }),
    ];
    const newest = await add('staged-api', 3);
    const [, second = '', third = ''] = images.map(({ imageId }) => imageId);
    for (const imageId of [second, third]) await control.retention.addUsageReport({ imageId });
    before = await Promise.all(images.map(({ imageId }) => looks(imageId)));

    const deprecating = await cleanUp(session);
    expect(told(deprecating.deprecated)).toEqual(idsOf(images));
    expect([deprecating.deleted, deprecating.disabled]).toEqual([[], []]);
    expect((await looks(second)).deprecated).toBe(true);
    // The same stage is not told twice, and the next has its time.
    expect((await callCleanUp(session)).body).not.toContain('report');

    const deprecationTime = daysAgo(5.01);
    for (const imageId of [second, third]) await control.changeImage(imageId, { deprecationTime });
    const disabling = await cleanUp(session);
    expect(told(disabling.disabled)).toEqual([second, third].sort());
    expect(disabling.counts).toMatchObject({ deleted: 0, disabled: 2 });
    expect(await looks(third)).toMatchObject({ state: 'disabled', permissions: [] });

    await setTag(third, 'amity:disabled-at', daysAgo(10.01));
    const deleting = await cleanUp(session);
    expect(deleting.deleted).toMatchObject([{ imageId: third, bytes: 16 * 1024 ** 3 }]);
    const { Images = [] } = await ec2.send(new ListImagesInRecycleBinCommand({}));
    expect(Images.map(({ ImageId }) => ImageId)).toEqual([third]);
    const { Snapshots = [] } = await ec2.send(new ListSnapshotsInRecycleBinCommand({}));
    expect(Snapshots.map(({ SnapshotId }) => SnapshotId).sort()).toEqual(
      [...(images[2]?.snapshotIds ?? [])].sort(),
    );
    const left = idsOf(await control.images());
    expect(left).toEqual(idsOf([...images.slice(0, 2), ...young, newest]));
  });

  it('comes back from each of them as it was, and the next run leaves it', async () => {
    const [first = '', second = '', third = ''] = images.map(({ imageId }) => imageId);
    const [byHand] = await Promise.all([restoreByHand(second, third), request(first)]);
    for (const imageId of [second, third]) expect(byHand.stdout).toContain(`${imageId} staged-api-`);
    const restored = await Promise.all([first, second, third].map(untilRestored));
    expect(restored.map(({ undone }) => undone)).toEqual([
      ['deprecate'],
      ['disable', 'deprecate'],
      ['delete', 'disable', 'deprecate'],
    ]);
    expect(restored[2]).toMatchObject({ instanceName: 'staged-api', region: 'us-east-1' });
    for (const [index, imageId] of [first, second, third].entries()) {
      const { tags, ...now } = await looks(imageId);
      const { 'amity:restored-at': restoredAt, ...others } = tags;
      expect({ ...now, tags: others }).toEqual(before[index]);
      expect(Date.now() - Date.parse(restoredAt ?? '')).toBeLessThan(90_000);
      await until('its card', () =>
        cardsAbout(session, imageId).find(({ body }) => body.includes('Been Restored')),
      );
    }
    const { deleted = [], deprecated = [], disabled = [] } = seen(session, 'AmiCleaned').at(-1) ?? {};
    expect((await callCleanUp(session)).body).not.toContain('report');
    expect([...deleted, ...deprecated, ...disabled].map(({ imageId }) => imageId)).toEqual([third]);
  });
});

it('a replayed AmiRestoreRequested brings nothing back that was retired again since', async () => {
  const plain = await add('plain', 40);
  for (const ageDays of [20, 19]) await add('plain', ageDays);
  expect(told((await cleanUp(session)).deleted)).toEqual([plain.imageId]);
  await request(plain.imageId);
  await untilRestored(plain.imageId);
  expect((await callCleanUp(session)).body).not.toContain('report');
  await setTag(plain.imageId, 'amity:restored-at', daysAgo(15));
  expect(told((await cleanUp(session)).deleted)).toEqual([plain.imageId]);
  await replayAll(session, 'restored-once');
  expect(idsOf(await session.aws.control.images())).not.toContain(plain.imageId);
  expect(
    cardsAbout(session, plain.imageId).filter(({ body }) => body.includes('Been Restored')),
  ).toHaveLength(1);
});

describe('AmiRestoreFailed says why', () => {
  const nameless = { 'amity:instance-name': 'backed-up', 'aws:backup:source-resource': 'i-1' };

  it.each<[string, string, RegExp, () => Promise<object>]>([
    [
      'an unknown image',
      'not-found',
      /nor in its Recycle Bin/,
      async () => ({ imageId: 'ami-0123456789abcdef0' }),
    ],
    [
      "somebody else's image",
      'not-ours',
      /carries no tag/,
      async () => ({ imageId: (await add('foreign', 9, { tags: { Name: 'by hand' } })).imageId }),
    ],
    [
      "AWS Backup's image",
      'not-ours',
      /another service/,
      async () => ({ imageId: (await add('backed-up', 9, { tags: nameless })).imageId }),
    ],
    ['a detail that is no request', 'invalid-request', /imageId/, async () => ({ imageId: 'my image' })],
    [
      'an image in another region',
      'not-found',
      /eu-west-1/,
      async () => {
        const { imageId } = await add('elsewhere', 9);
        return { imageId, region: 'eu-west-1' };
      },
    ],
    [
      'an image whose name another one has by now',
      'ec2-rejected',
      /InvalidAMIName/,
      async () => {
        const tags = ours('twice', { 'amity:recycle': 'true' });
        const { imageId } = await add('twice', 9, { tags, snapshots: 0 });
        await ec2.send(new DeregisterImageCommand({ ImageId: imageId }));
        await add('twice', 9);
        return { imageId };
      },
    ],
  ])('of %s: %s', async (_, code, message, arrange) => {
    const detail = await arrange();
    const imageId = 'imageId' in detail ? String(detail.imageId) : '';
    const before = seen(session, 'AmiRestoreFailed').length;
    await put(session, { detailType: 'AmiRestoreRequested', detail });
    const failed = await until('AmiRestoreFailed', () => seen(session, 'AmiRestoreFailed')[before]);
    expect(failed).toMatchObject({ code, message: expect.stringMatching(message) });
    const about = code === 'invalid-request' ? code : imageId;
    await until('its card', () =>
      cardsAbout(session, about).find(
        ({ body }) => body.includes('Not Been Restored') && body.includes(code),
      ),
    );
  });

  it('and an image in service is restored of nothing', async () => {
    const { imageId } = await add('serving', 9);
    await request(imageId);
    expect((await untilRestored(imageId)).undone).toEqual([]);
    await until('its card', () =>
      cardsAbout(session, imageId).find(({ body }) => body.includes('it was in service')),
    );
  });

  it('in words, by hand', async () => {
    await expect(restoreByHand()).rejects.toMatchObject({
      stderr: expect.stringContaining('Name the images'),
    });
  });
});

it('policies of names, and the days that a POST asked for, are obeyed', async () => {
  await session.aws.control.reset({ ec2: true });
  const { control } = session.aws;
  await control.startInstance({ name: 'asked' });
  const body = { instance_name_list: ['asked'], retention_days: 4 };
  expect((await postRequest(session, body)).status).toBe(202);
  const { imageId } = await untilSeen(session, 'AmiAvailable', 'asked', 90);
  expect((await looks(imageId)).tags).toMatchObject({ 'amity:retention-days': '4' });
  const images = {
    brief: await add('brief', 4),
    'brief-batch': await add('brief-batch', 2),
    'keeps longer': await add('brief-long', 50, {
      tags: ours('brief-long', { 'amity:retention-days': '60' }),
    }),
    'days that nobody can read': await add('default', 40, {
      tags: ours('default', { 'amity:retention-days': '1w' }),
    }),
    default: await add('default', 13),
  };
  for (const name of ['brief', 'brief-batch', 'brief-long', 'default', 'asked']) await add(name, 1);
  for (const name of ['default', 'asked']) await add(name, 0.5);
  await control.changeImage(imageId, { ageDays: 4.1 });
  const run = await cleanUp(session);
  expect(told(run.deleted)).toEqual([imageId, images.brief.imageId].sort());
  expect(fates(run).get(images['days that nobody can read'].imageId)).toBe(
    'tag amity:retention-days unreadable',
  );
  await session.aws.control.changeImage(images['brief-batch'].imageId, { ageDays: 3.1 });
  expect(told((await cleanUp(session)).deleted)).toEqual([images['brief-batch'].imageId]);
});
