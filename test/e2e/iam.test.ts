import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageWanted } from '../../local/control-types.ts';
import { postBake, postRequest, publishRequest } from '../../local/story.ts';
import { BASE_IMAGE, example, PUBLIC_BASE, requestBake, startsOf, untilGone, WEB } from './support/bakes.ts';
import { cleanUpMachine, fates } from './support/clean-up.ts';
import {
  announced,
  cardsAbout,
  daysAgo,
  imagesOf,
  ours,
  seen,
  settle,
  until,
  untilSeen,
} from './support/flow.ts';
import { put } from './support/put.ts';
import { replayAll } from './support/replay.ts';
import { RETENTION } from './support/retention.ts';
import { allowed, roleCalls, triesOf } from './support/role-calls.ts';
import { LISTED_PROFILE } from './support/role-calls-rollout.ts';
import { MAY, MAY_PUT_OFF } from './support/role-permissions.ts';
import { deleteRolePolicy, resourcesOf } from './support/roles.ts';
import { type Session, startSession } from './support/session.ts';

let session: Session;
beforeAll(async () => {
  session = await startSession({
    enforceIam: true,
    config: {
      retention: RETENTION,
      rollout: { instanceRoles: [LISTED_PROFILE] },
      backup: { rebootWindow: '02:00-04:00' },
    },
  });
  // What throttling does is tried elsewhere.
  await session.aws.control.setLimit('RunInstances', null);
});
afterAll(() => session?.stop());

const SECONDS = 90; // Each function's first call starts a process: long, on whatever machine this is.
describe('the whole flow, each function under its own role', () => {
  const add = (name: string, ageDays: number, instanceName: string, more: Partial<ImageWanted> = {}) =>
    session.aws.control.addImage({ name, ageDays, tags: ours(instanceName), ...more });
  const launchPermissions = [{ UserId: '111122223333' }];
  const there = async () => (await session.aws.control.images()).map(({ imageId }) => imageId);

  it('goes from a POST and an event to images, cards and the clean-up of that name', async () => {
    const { control } = session.aws;
    const old = await add('old', 30, 'service-api');
    const newer = await add('newer', 20, 'service-api');
    await control.startInstance({ name: 'service-api' });
    await control.startInstance({ name: 'service-worker' });
    expect((await postRequest(session, { instance_name_list: ['service-api'] })).status).toBe(202);
    await publishRequest(session, { instanceName: 'service-worker' });

    const api = await untilSeen(session, 'AmiAvailable', 'service-api', SECONDS);
    const worker = await untilSeen(session, 'AmiAvailable', 'service-worker', SECONDS);
    const cleaned = await untilSeen(session, 'AmiCleaned', 'service-api', SECONDS);
    expect(cleaned.deleted).toMatchObject([{ imageId: old.imageId, snapshotIds: old.snapshotIds }]);
    expect(await there()).toEqual(expect.arrayContaining([newer, api, worker].map(({ imageId }) => imageId)));
    for (const { imageId } of [api, worker, old]) {
      await until(`the card about ${imageId}`, () => cardsAbout(session, imageId)[0], SECONDS);
    }
  });

  it('bakes an image, in the default network, and validates it', async () => {
    const request = { name: 'service-web', base_image: PUBLIC_BASE, user_data: WEB };
    const answer = await postBake(session, { ...request, validate: example('web-validate.sh') });
    expect(answer.status).toBe(202);
    const { imageId } = await untilSeen(session, 'AmiAvailable', 'service-web', SECONDS);
    await until('the card', () => cardsAbout(session, imageId)[0], SECONDS);
    expect(await startsOf(session, 'service-web')).toHaveLength(2);
    await untilGone(session);
  });

  it('cleans up all names when the schedule says so, and brings back what is asked for', async () => {
    const { control } = session.aws;
    const doomed = await add('doomed', 40, 'service-batch');
    const shared = await add('shared', 35, 'service-batch', { launchPermissions });
    for (const ageDays of [30, 20]) await add(`kept-${ageDays}`, ageDays, 'service-batch');
    const description = 'Created by CreateImage(i-0123456789abcdef0) for ami-0123456789abcdef0';
    const orphan = { tags: ours('service-batch'), ageDays: 20, description };
    const { snapshotId } = await control.retention.addSnapshot(orphan);
    const toDeprecate = await add('staged-1', 40, 'staged');
    const deprecationTime = daysAgo(6);
    const toDisable = await add('staged-2', 39, 'staged', { deprecationTime, launchPermissions });
    await control.retention.addUsageReport({ imageId: toDisable.imageId });
    const toDelete = await add('staged-3', 38, 'staged', {
      state: 'disabled',
      deprecationTime: daysAgo(20),
      tags: ours('staged', { 'amity:disabled-at': daysAgo(11) }),
    });
    await add('staged-4', 1, 'staged');

    const stateMachineArn = await cleanUpMachine(session);
    await new SFNClient(session.aws.clientConfig).send(
      new StartExecutionCommand({ stateMachineArn, input: '{}' }),
    );
    const report = await until(
      'AmiCleaned',
      () => seen(session, 'AmiCleaned').find(({ trigger }) => trigger === 'schedule'),
      SECONDS,
    );
    expect([...fates(report)].slice(0, 5)).toEqual([
      [doomed.imageId, 'deleted'],
      [toDelete.imageId, 'deleted'],
      ['ami-0123456789abcdef0', 'deleted'],
      [toDisable.imageId, 'disabled'],
      [toDeprecate.imageId, 'deprecated'],
    ]);
    expect(report.deleted[2]?.snapshotIds).toEqual([snapshotId]);
    expect(fates(report).get(shared.imageId)).toMatch(/^in use: shared with/);
    expect(report.failed).toEqual([]);

    const back = [doomed, toDelete, toDisable, toDeprecate].map(({ imageId }) => imageId);
    await put(
      session,
      ...back.map((imageId) => ({ detailType: 'AmiRestoreRequested', detail: { imageId } })),
    );
    for (const imageId of back) {
      await until(
        `AmiRestored of ${imageId}`,
        () => seen(session, 'AmiRestored').find((each) => each.imageId === imageId),
        SECONDS,
      );
    }
    const states = new Map((await control.images()).map(({ imageId, state }) => [imageId, state]));
    expect(back.map((imageId) => states.get(imageId))).toEqual(Array(4).fill('available'));
  });

  it('ends what cannot be done in AmiFailed, and a replay of the archive makes it, once', async () => {
    await publishRequest(session, { instanceName: 'late', requestId: 'late-1' });
    const failed = await untilSeen(session, 'AmiFailed', 'late', SECONDS);
    expect(failed.code).toBe('no-running-instance');
    await until('its card', () => cardsAbout(session, 'late')[0], SECONDS);
    const parameter = '/aws/service/amity-test/late';
    await requestBake(session, 'late-web', { baseImage: `resolve:ssm:${parameter}` });
    expect((await untilSeen(session, 'AmiFailed', 'late-web', SECONDS)).code).toBe('base-image-not-found');
    await session.aws.control.startInstance({ name: 'late' });
    await session.aws.control.builders.setPublicParameter(parameter, BASE_IMAGE);

    await replayAll(session, 'started-meanwhile');
    const late = await untilSeen(session, 'AmiAvailable', 'late', SECONDS);
    expect(late).toMatchObject({ requestId: 'late-1', attempt: 2 });
    expect(await imagesOf(session, 'late')).toHaveLength(1);
    expect(announced(session, 'AmiAvailable', 'service-api')).toHaveLength(1);
    const baked = await untilSeen(session, 'AmiAvailable', 'late-web', SECONDS);
    expect(baked).toMatchObject({ requestId: 'late-web', attempt: 2, baseImageId: BASE_IMAGE });

    await replayAll(session, 'once-more');
    const counts = (name: string) =>
      Promise.all([startsOf(session, name), imagesOf(session, name)]).then((each) =>
        [...each, announced(session, 'AmiAvailable', name)].map(({ length }) => length),
      );
    expect([await counts('service-web'), await counts('late-web')]).toEqual([
      [2, 1, 1],
      [1, 1, 1],
    ]);
    await untilGone(session);
  });

  it('was refused nothing on the way', async () => {
    const calls = await session.aws.control.calls();
    expect(calls.filter(({ status }) => status === 403)).toEqual([]);
  });
});

describe('the role of', () => {
  const may = { ...MAY, ...MAY_PUT_OFF };

  it.each(Object.entries(may))('%s may do its work, and nothing else', async (place, work) => {
    expect(await triesOf(session, place)).toEqual(allowed(work));
  });

  it('each was tried with much', async () => {
    expect(Object.keys(await roleCalls(session)).length).toBeGreaterThan(300);
  });

  it('each function, the waiter and the schedule was tried', async () => {
    // API Gateway's own, with the managed policy that AWS documents for its logs.
    const { HttpApiCloudWatch: _, ...roles } = await resourcesOf(session, 'AWS::IAM::Role');
    expect(Object.keys(roles).sort()).toEqual(Object.keys(may).sort());
  });
});

/** Each check of what AWS's services do for us is shown to refuse, once what allows it is gone. */
describe('without its policy', () => {
  const denied = (action: string) =>
    until(
      `${action} denied`,
      async () => {
        const calls = await session.aws.control.calls({ action });
        return calls.find(({ errorCode }) => errorCode === 'AccessDenied');
      },
      SECONDS,
    );

  const mentioning = (name: string) =>
    session.observer.events
      .filter(({ detail }) => JSON.stringify(detail).includes(`"instanceName":"${name}"`))
      .map((event) => event['detail-type']);

  it('a queue takes no event from its rule', async () => {
    const { AmiRequestedCreateImage: QueueUrl } = await resourcesOf(session, 'AWS::SQS::Queue');
    const sqs = new SQSClient(session.aws.clientConfig);
    const ask = { QueueUrl, AttributeNames: ['Policy' as const] };
    const { Attributes: { Policy } = {} } = await sqs.send(new GetQueueAttributesCommand(ask));
    const set = (policy = '') =>
      sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: policy } }));
    await session.aws.control.clearCalls();
    await set();
    await publishRequest(session, { instanceName: 'unheard' });
    await denied('SendMessage');
    await set(Policy);
    await settle(1);
    expect(mentioning('unheard')).toEqual(['AmiRequested']);
  });

  it("the waiter's role calls nothing", async () => {
    const { Waiter: role = '' } = await resourcesOf(session, 'AWS::IAM::Role');
    const policies = await resourcesOf(session, 'AWS::IAM::Policy');
    await session.aws.control.clearCalls();
    // Its name is the middle of `Amity-WaiterRoleDefaultPolicy29EBC992-543A4B96D0C33`.
    await deleteRolePolicy(session, role, policies.WaiterRoleDefaultPolicy?.split('-')[1] ?? '');
    await session.aws.control.startInstance({ name: 'unseen' });
    await publishRequest(session, { instanceName: 'unseen' });
    await denied('InvokeFunction');
    expect(mentioning('unseen')).toEqual(['AmiRequested', 'AmiCreated']);
  });
});
