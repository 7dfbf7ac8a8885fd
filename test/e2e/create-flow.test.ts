import { DescribeImagesCommand, DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postRequest, publishRequest } from '../../local/story.ts';
import { cardsAbout, daysAgo, envelopes, seen, settle, until, untilSeen } from './support/flow.ts';
import { QUICK } from './support/quick.ts';
import { type Session, startSession } from './support/session.ts';

let session: Session;
let ec2: EC2Client;

beforeAll(async () => {
  session = await startSession({ config: QUICK });
  ec2 = new EC2Client(session.aws.clientConfig);
});
afterAll(() => session?.stop());

const start = (name: string, more: object = {}) => session.aws.control.startInstance({ name, ...more });

describe('a pipeline POSTs two names', () => {
  it('ends in two images, announced, with a card each', async () => {
    const oldest = await start('service-api', { launchTime: daysAgo(9) });
    await start('service-api', { launchTime: daysAgo(2) });
    await start('service-api', { launchTime: daysAgo(30), state: 'stopped' });
    await start('service-worker', { extraVolumes: 1 });

    const answer = await postRequest(session, { instance_name_list: ['service-api', 'service-worker'] });
    expect(answer.status).toBe(202);
    const { requests } = (await answer.json()) as { requests: { request_id: string }[] };
    expect(requests).toEqual([
      { request_id: expect.any(String), instance_name: 'service-api' },
      { request_id: expect.any(String), instance_name: 'service-worker' },
    ]);

    const api = await untilSeen(session, 'AmiAvailable', 'service-api');
    const worker = await untilSeen(session, 'AmiAvailable', 'service-worker');
    expect(api).toMatchObject({
      requestId: requests[0]?.request_id,
      attempt: 1,
      instanceId: oldest.instanceId,
      reason: 'Deploy',
      noReboot: true,
      region: 'us-east-1',
    });
    expect(api.imageName).toMatch(/^service-api-Deploy-\d{4}-\d{2}-\d{2}_\d{2}_\d{2}$/);
    expect(worker.snapshotIds).toHaveLength(2);
    expect(
      seen(session, 'AmiCreated')
        .map(({ imageId }) => imageId)
        .sort(),
    ).toEqual([api.imageId, worker.imageId].sort());

    const card = await until('the card', () => cardsAbout(session, api.imageId)[0]);
    expect(card.body).toBe(
      JSON.stringify({
        body: 'AMI Is Available.',
        connectColor: '#28a745',
        connectInfo: [
          {
            title: 'Complete AMI Create. AMI State Available.',
            description: `AMI ID: ${api.imageId}, Name: ${api.imageName}`,
          },
        ],
      }),
    );
    expect(card.headers).toMatchObject({
      accept: 'application/vnd.tosslab.jandi-v2+json',
      'content-type': 'application/json',
    });
  });

  it('tags image and snapshots alike', async () => {
    const { imageId, imageName, requestId, snapshotIds } = await untilSeen(
      session,
      'AmiAvailable',
      'service-worker',
    );
    const tags = {
      Name: imageName,
      Reason: 'Deploy',
      'amity:instance-name': 'service-worker',
      'amity:request-id': requestId,
    };
    const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
    const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: snapshotIds }));
    for (const resource of [...(Images ?? []), ...(Snapshots ?? [])]) {
      expect(Object.fromEntries((resource.Tags ?? []).map(({ Key, Value }) => [Key, Value]))).toEqual(tags);
    }
  });
});

describe('another system publishes AmiRequested', () => {
  it('does the same with the least that is a request', async () => {
    await start('billing');
    await publishRequest(session, { instanceName: 'billing' });
    const available = await untilSeen(session, 'AmiAvailable', 'billing');
    const [requested] = envelopes(session, 'AmiRequested').filter(({ source }) => source !== 'amity');
    const stamp = requested?.time.slice(0, 16).replace('T', '_').replace(':', '_');
    expect(available.imageName).toBe(`billing-Deploy-${stamp}`);
  });

  it('takes wishes: reason, reboot, tags, an id of its own', async () => {
    const instance = await start('ledger');
    const wishes = { reason: 'Backup', noReboot: false, tags: { team: 'blue' }, requestId: 'train/42' };
    await publishRequest(session, { instanceName: 'ledger', ...wishes });
    const { imageId, ...available } = await untilSeen(session, 'AmiAvailable', 'ledger');
    expect(available).toMatchObject({ reason: 'Backup', noReboot: false, requestId: 'train/42' });
    const images = await session.aws.control.images();
    expect(images.find((image) => image.imageId === imageId)?.tags).toMatchObject({
      team: 'blue',
      Reason: 'Backup',
    });
    const instances = await session.aws.control.instances();
    expect(instances.find(({ instanceId }) => instanceId === instance.instanceId)?.reboots).toBe(1);
  });

  it('reads * and ? in a name as themselves', async () => {
    await start('fleet-a');
    await publishRequest(session, { instanceName: 'fleet-*' });
    const failed = await untilSeen(session, 'AmiFailed', 'fleet-*');
    expect(failed).toMatchObject({ code: 'no-running-instance', attempt: 1 });
    await start('fleet-?');
    await publishRequest(session, { instanceName: 'fleet-?' });
    expect((await untilSeen(session, 'AmiAvailable', 'fleet-?')).imageName).toMatch(/^fleet---Deploy-/);
  });

  it.each([
    ['a list of names', { instanceName: ['service-api'] }],
    ['nothing that it needs', {}],
    ['a number for a name', { instanceName: 7 }],
    ['reserved tags', { instanceName: 'service-api', tags: { 'amity:x': 'y' } }],
  ])('ends a detail that is %s as invalid-request, once', async (_, detail) => {
    const before = seen(session, 'AmiFailed').length;
    const created = seen(session, 'AmiCreated').length;
    await publishRequest(session, detail);
    await until('an AmiFailed', () => seen(session, 'AmiFailed').length > before);
    await settle(1);
    expect(seen(session, 'AmiFailed').slice(before)).toEqual([
      expect.objectContaining({
        code: 'invalid-request',
        message: expect.stringContaining('my.release-train'),
      }),
    ]);
    expect(seen(session, 'AmiCreated')).toHaveLength(created);
  });
});

describe('what can never work', () => {
  it('fails by name, in words, while the others go on', async () => {
    await start('good');
    await start('old-style', { rootDeviceType: 'instance-store' });
    await start('asleep', { state: 'stopped' });
    await postRequest(session, { instance_name_list: ['missing', 'old-style', 'asleep', 'good'] });
    expect((await untilSeen(session, 'AmiFailed', 'missing')).code).toBe('no-running-instance');
    expect((await untilSeen(session, 'AmiFailed', 'asleep')).code).toBe('no-running-instance');
    expect(await untilSeen(session, 'AmiFailed', 'old-style')).toMatchObject({
      code: 'instance-store-backed',
      message: expect.stringContaining('EBS root volume'),
    });
    await untilSeen(session, 'AmiAvailable', 'good');
    const card = await until('the card', () => cardsAbout(session, 'Instance Name: missing')[0]);
    expect(JSON.parse(card.body)).toMatchObject({ body: 'AMI Has Failed.', connectColor: '#dc3545' });
  });
});

describe('the waiter', () => {
  it("tells EC2's own reason for an image that fails", async () => {
    await start('unlucky');
    await session.aws.control.addFault({
      action: 'CreateImage',
      kind: 'image-fails',
      message: 'Snapshot limit of the account',
      times: 1,
    });
    await publishRequest(session, { instanceName: 'unlucky' });
    const failed = await untilSeen(session, 'AmiFailed', 'unlucky');
    expect(failed).toMatchObject({
      code: 'image-failed',
      imageId: expect.stringMatching(/^ami-/),
      message: expect.stringContaining('Snapshot limit of the account'),
    });
    await until('the card', () => cardsAbout(session, failed.imageId ?? '')[0]);
  });

  it("polls when EC2's event does not come, and when EC2 does not know the image at first", async () => {
    await start('quiet');
    const { control } = session.aws;
    await control.addFault({ action: 'CreateImage', kind: 'no-state-change-event', times: 1 });
    await control.addFault({ action: 'CreateImage', kind: 'not-found-for', seconds: 3, times: 1 });
    await publishRequest(session, { instanceName: 'quiet' });
    await untilSeen(session, 'AmiAvailable', 'quiet');
    expect(seen(session, 'AmiAvailable').filter(({ instanceName }) => instanceName === 'quiet')).toHaveLength(
      1,
    );
  });
});
