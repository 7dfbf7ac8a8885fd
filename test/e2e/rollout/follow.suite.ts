import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, it } from 'vitest';
import { announced, ours, settle, until } from '../support/flow.ts';
import { session } from '../support/rollout-session.ts';
import {
  addGroup,
  addImage,
  everything,
  follow,
  followNewest,
  pointerOf,
  release,
  runningOf,
  standOf,
  untilPointed,
  untilTold,
} from '../support/rollouts.ts';

/** An image that is not ours. */
const addOther = async (name: string, ageDays: number, tags: Record<string, string>, state = 'available') =>
  (await session.aws.control.addImage({ name, ageDays, tags, state })).imageId;

describe('the daily run', () => {
  const wanted = new Map<string, { id: string; images: string[] }>();
  const expectImages = (name: string, id: string, ...images: string[]) => wanted.set(name, { id, images });
  const backup = { 'aws:backup:source-resource': 'i-0123456789abcdef0', Name: 'backed-up' };

  beforeAll(async () => {
    await byHand();
    await ofBackup();
    await missed();
    await rejected();
    await followNewest(session);
  });

  async function byHand(): Promise<void> {
    const { id, base } = await follow(session, 'by-hand');
    await addOther('by-hand', 1, {});
    await addOther('by-hand-upper', 1, { Name: 'By-Hand' });
    await addOther('by-hand-failed', 1, { Name: 'by-hand' }, 'failed');
    await addOther('by-hand-disabled', 1, { Name: 'by-hand' }, 'disabled');
    const newest = await addOther('golden 7', 3, { Name: 'by-hand' });
    await addOther('golden 6', 4, { Name: 'by-hand' });
    // Nobody followed the name of another image of this account that is of another name by our tag.
    await addImage(session, 'another-name', 1, {
      tags: { Name: 'by-hand', 'amity:instance-name': 'another-name' },
    });
    expectImages('an image made by hand, with the name in its tag', id, base, newest);
  }

  async function ofBackup(): Promise<void> {
    const plain = await follow(session, 'backed-up');
    const tags = { 'amity:include-backups': 'true' };
    const including = await follow(session, 'backed-up', { name: 'backed-up-too', tags });
    const own = (await addImage(session, 'backed-up', 5)).imageId;
    // Ours too, and made to keep one instance as it is.
    await addImage(session, 'backed-up', 4.5, { tags: ours('backed-up', { Reason: 'Backup' }) });
    await addOther('AwsBackup_i-0123456789abcdef0_1', 4, backup);
    const newest = await addOther('awsbackup_i-0123456789abcdef0_2', 3, { Name: 'backed-up' });
    expectImages("AWS Backup's images are not followed unasked", plain.id, plain.base, own);
    expectImages(
      "AWS Backup's images are followed where the tag says so",
      including.id,
      including.base,
      newest,
    );
  }

  async function missed(): Promise<void> {
    const { id, base } = await follow(session, 'missed');
    await addGroup(session, 'missed', { LaunchTemplate: { LaunchTemplateId: id, Version: '$Default' } });
    const { imageId } = await addImage(session, 'missed', 3);
    expectImages('an image of ours of which no event came', id, base, imageId);
  }

  async function rejected(): Promise<void> {
    const { id, base } = await follow(session, 'rejected');
    const tags = (more: object) => ({ 'amity:instance-name': 'rejected', 'amity:request-id': 'r', ...more });
    await addImage(session, 'rejected', 3, { tags: tags({ 'amity:rejected': 'somebody' }) });
    await addImage(session, 'rejected', 4, { tags: tags({}) });
    await addImage(session, 'rejected', 2, { tags: tags({ 'amity:failed': 'somebody' }) });
    expectImages('no image that was rejected, or given up, and none older than it', id, base);
  }

  it('brings every launch template to the newest image of its name', async () => {
    const found = await Promise.all(
      [...wanted].map(async ([what, { id }]) => [what, (await standOf(session, id)).images]),
    );
    expect(found).toEqual([...wanted].map(([what, { images }]) => [what, images]));
  });

  it('mends what an event missed: group and pointer too', async () => {
    await untilTold(session, 'AmiRolloutSucceeded', 'missed');
    expect(await runningOf(session, 'missed')).toEqual(['2']);
    const { images = [] } = wanted.get('an image of ours of which no event came') ?? {};
    expect((await pointerOf(session, 'missed'))?.Value).toBe(images[1]);
  });

  it('mends pointers that somebody removed, or set back', async () => {
    const ssm = new SSMClient(session.aws.clientConfig);
    const older = await release(session, 'set-back', 4);
    await untilPointed(session, 'set-back', older.imageId);
    const newer = await release(session, 'set-back', 3);
    await untilPointed(session, 'set-back', newer.imageId);
    await ssm.send(new DeleteParameterCommand({ Name: '/amity/images/missed/latest' }));
    const back = { Name: '/amity/images/set-back/latest', Value: older.imageId, Overwrite: true };
    await ssm.send(new PutParameterCommand({ ...back, DataType: 'aws:ec2:image', Type: 'String' }));
    await untilPointed(session, 'set-back', older.imageId);
    await followNewest(session);
    expect((await pointerOf(session, 'set-back'))?.Value).toBe(newer.imageId);
    const { images = [] } = wanted.get('an image of ours of which no event came') ?? {};
    expect((await pointerOf(session, 'missed'))?.Value).toBe(images[1]);
  });

  it('changes nothing when it comes again', async () => {
    await until('the refresh', () => announced(session, 'AmiRolloutSucceeded', 'missed')[0]);
    const before = await everything(session);
    await followNewest(session);
    await followNewest(session);
    await settle(2);
    expect(await everything(session)).toEqual(before);
  });
});
