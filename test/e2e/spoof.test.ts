import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENTS } from '../../shared/events/index.ts';
import { announced, cardsAbout, imagesOf, ours, seen, settle, until, untilSeen } from './support/flow.ts';
import { type Put, put } from './support/put.ts';
import { clientsOf, outcomeOf, resourcesOf } from './support/roles.ts';
import { type Session, startSession, URL_PARAMETER } from './support/session.ts';

const LISTED = '444455556666';
const STRANGER = '777788889999';
const KEY = 'arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const NAMES = [...Object.keys(EVENTS), 'Other'];
/** Each function's first call starts a process: long, on whatever machine this is. */
const SECONDS = 90;
let session: Session;

beforeAll(async () => {
  const notifications = [{ format: 'jandi', urlParameter: URL_PARAMETER, kmsKeyArn: KEY }];
  session = await startSession({
    enforceIam: true,
    config: { notifications, publishers: { accounts: [LISTED] } },
  });
  await encryptUrl(KEY);
});
afterAll(() => session?.stop());

const encryptUrl = (KeyId: string) =>
  new SSMClient(session.aws.clientConfig).send(
    new PutParameterCommand({
      Name: URL_PARAMETER,
      Type: 'SecureString',
      Value: session.receiver.url,
      KeyId,
      Overwrite: true,
    }),
  );

/** Puts events on our bus as a role of another account. */
async function putFrom(account: string, ...events: Put[]) {
  const { events: client } = await clientsOf(session, 'release-train', account);
  const Entries = events.map(({ detailType, detail, source = 'my.release-train' }) => ({
    EventBusName: session.outputs.BusArn,
    Source: source,
    DetailType: detailType,
    Detail: JSON.stringify(detail),
  }));
  const { FailedEntryCount } = await client.send(new PutEventsCommand({ Entries }));
  if (FailedEntryCount) throw new Error('The bus refused the event');
}

const created = (instanceName: string, imageId: string) => ({
  requestId: 'forged',
  attempt: 1,
  instanceName,
  imageId,
  imageName: `${instanceName}-Deploy-2025-06-05_12_00`,
  region: 'us-east-1',
  instanceId: 'i-0123456789abcdef0',
  reason: 'Deploy',
  noReboot: true,
});
const available = (instanceName: string, imageId: string) => ({
  ...created(instanceName, imageId),
  createdAt: '2025-06-05T12:00:00.000Z',
  snapshotIds: [],
});
const failed = { requestId: 'forged', attempt: 1, code: 'timeout', message: 'forged' };
const cleaned = {
  runId: 'forged',
  trigger: 'schedule',
  part: 1,
  parts: 1,
  counts: { deleted: 1, kept: 0, failed: 0 },
  bytes: 0,
  deleted: [{ imageId: 'ami-0', imageName: 'forged', snapshotIds: [], ageDays: 30, bytes: 0 }],
  kept: [],
  failed: [],
};
const requestedAt = '2025-06-05T12:00:00.000Z';
const restored = {
  imageId: 'ami-0123456789abcdef0',
  requestedAt,
  imageName: 'forged',
  instanceName: 'forged',
  region: 'us-east-1',
  snapshotIds: [],
  undone: ['delete'],
};
const notRestored = { code: 'not-found', message: 'forged', requestedAt };

/** Everything that an event could have set off. */
async function traces() {
  const { executions = [] } = await new SFNClient(session.aws.clientConfig).send(
    new ListExecutionsCommand({ stateMachineArn: session.outputs.WaiterArn }),
  );
  return {
    waiters: executions.length,
    cards: session.receiver.cards.length,
    images: (await session.aws.control.images()).map(({ imageId }) => imageId),
    ours: session.observer.events.filter(({ source }) => source === 'amity').length,
  };
}

/** Three of a name, the oldest of which any clean-up of that name deletes. */
async function familyOf(name: string) {
  const ages = [40, 30, 20];
  const add = (ageDays: number) =>
    session.aws.control.addImage({ name: `${name}-${ageDays}`, ageDays, tags: ours(name) });
  return Promise.all(ages.map(add));
}

describe('another account', () => {
  it.each([
    ['that nobody listed', STRANGER, NAMES],
    ['that is listed', LISTED, NAMES.slice(1)],
  ])('%s (%s) may not put %s', async (_, account, names) => {
    const before = await traces();
    for (const source of ['amity', 'my.release-train']) {
      for (const detailType of names) {
        const detail = available('shop', 'ami-0123456789abcdef0');
        expect([detailType, await outcomeOf(putFrom(account, { detailType, detail, source }))]).toEqual([
          detailType,
          'denied',
        ]);
      }
    }
    await settle(2);
    expect(await traces()).toEqual(before);
  });

  it('that is listed cannot hide an AmiAvailable behind a request', async () => {
    const before = await traces();
    await session.aws.control.startInstance({ name: 'behind' });
    const batch = putFrom(
      LISTED,
      { detailType: 'AmiRequested', detail: { instanceName: 'behind' } },
      { detailType: 'AmiAvailable', detail: available('behind', 'ami-0123456789abcdef0'), source: 'amity' },
    );
    expect(await outcomeOf(batch)).toBe('denied');
    await settle(2);
    expect(await traces()).toEqual(before);
  });

  it('that is listed gets the image that it asks for, with a card', async () => {
    await session.aws.control.startInstance({ name: 'asked' });
    await putFrom(LISTED, {
      detailType: 'AmiRequested',
      detail: { instanceName: 'asked', requestId: 'r-1' },
    });
    const { imageId, noReboot } = await untilSeen(session, 'AmiAvailable', 'asked', SECONDS);
    expect(noReboot).toBe(true);
    expect(await imagesOf(session, 'asked')).toMatchObject([{ imageId }]);
    await until('the card', () => cardsAbout(session, imageId)[0], SECONDS);
  });

  it('that is listed may not have an instance rebooted', async () => {
    const { instanceId } = await session.aws.control.startInstance({ name: 'busy' });
    const detail = { instanceName: 'busy', requestId: 'r-2', noReboot: false };
    await putFrom(LISTED, { detailType: 'AmiRequested', detail });
    const { code } = await until(
      'its AmiFailed',
      () => seen(session, 'AmiFailed').find(({ requestId }) => requestId === 'r-2'),
      SECONDS,
    );
    expect(code).toBe('reboot-not-allowed');
    await until('its card', () => cardsAbout(session, 'busy')[0], SECONDS);
    expect(await imagesOf(session, 'busy')).toEqual([]);
    const instances = await session.aws.control.instances();
    expect(instances.find((each) => each.instanceId === instanceId)?.reboots).toBe(0);
  });

  it('reaches nothing of this account but the bus', async () => {
    const as = await clientsOf(session, 'release-train', LISTED);
    const other = as.events.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: session.outputs.BusArn.replace(/[^/]*$/, 'default'),
            Source: 'my.release-train',
            DetailType: 'AmiRequested',
            Detail: '{}',
          },
        ],
      }),
    );
    expect(await outcomeOf(other)).toBe('denied');
  });
});

describe('an event of this account', () => {
  it('from another source changes nothing, whatever it says', async () => {
    const [old] = await familyOf('shop');
    await settle(1);
    const before = await traces();
    await put(
      session,
      { detailType: 'AmiCreated', detail: created('shop', old?.imageId ?? '') },
      { detailType: 'AmiAvailable', detail: available('shop', old?.imageId ?? '') },
      { detailType: 'AmiFailed', detail: failed },
      { detailType: 'AmiCleaned', detail: cleaned },
      { detailType: 'AmiRestored', detail: restored },
      { detailType: 'AmiRestoreFailed', detail: notRestored },
      { detailType: 'EC2 AMI State Change', detail: { ImageId: old?.imageId, State: 'available' } },
    );
    await settle(4);
    expect(await traces()).toEqual(before);
  });

  it("cannot be given EC2's name", async () => {
    const forged = put(session, { detailType: 'EC2 AMI State Change', detail: {}, source: 'aws.ec2' });
    await expect(forged).rejects.toThrow('refused 1');
  });

  it('in our name about an image that is not there starts no waiter, and cleans up no more than is due', async () => {
    const due = await familyOf('due');
    const foreign = await session.aws.control.addImage({
      name: 'due-foreign',
      ageDays: 90,
      ownerId: STRANGER,
      public: true,
      tags: ours('due'),
    });
    const { waiters } = await traces();
    await put(
      session,
      { detailType: 'AmiCreated', detail: created('due', 'ami-0123456789abcdef0'), source: 'amity' },
      { detailType: 'AmiAvailable', detail: available('due', foreign.imageId), source: 'amity' },
    );
    const report = await until('AmiCleaned', () => announced(session, 'AmiCleaned', 'due')[0], SECONDS);
    expect(report).toMatchObject({ deleted: [{ imageId: due[0]?.imageId }], failed: [] });
    expect((await imagesOf(session, 'due')).map(({ imageId }) => imageId).sort()).toEqual(
      due
        .slice(1)
        .map(({ imageId }) => imageId)
        .sort(),
    );
    expect((await traces()).waiters).toBe(waiters);
  });
});

describe("a webhook's address", () => {
  it('is decrypted by its own function alone, and under its own key alone', async () => {
    const roles = await resourcesOf(session, 'AWS::IAM::Role');
    const read = async (place: string) => {
      const { ssm } = await clientsOf(session, roles[place] ?? '');
      return outcomeOf(ssm.send(new GetParameterCommand({ Name: URL_PARAMETER, WithDecryption: true })));
    };
    expect([await read('AmiFailedNotify'), await read('AmiAvailableCleanUp')]).toEqual(['allowed', 'denied']);
    await encryptUrl(`${KEY}-other`);
    expect(await read('AmiFailedNotify')).toBe('denied');
  });
});
