import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageWanted } from '../../local/control-types.ts';
import { postRequest, publishRequest } from '../../local/story.ts';
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
import { roleCalls } from './support/role-calls.ts';
import { clientsOf, deleteRolePolicy, outcomeOf, resourcesOf } from './support/roles.ts';
import { type Session, startSession } from './support/session.ts';

let session: Session;
beforeAll(async () => {
  session = await startSession({ enforceIam: true, config: { retention: RETENTION } });
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
    await session.aws.control.startInstance({ name: 'late' });
    await replayAll(session, 'started-meanwhile');
    const late = await untilSeen(session, 'AmiAvailable', 'late', SECONDS);
    expect(late).toMatchObject({ requestId: 'late-1', attempt: 2 });
    expect(await imagesOf(session, 'late')).toHaveLength(1);
    expect(announced(session, 'AmiAvailable', 'service-api')).toHaveLength(1);
  });

  it('was refused nothing on the way', async () => {
    const calls = await session.aws.control.calls();
    expect(calls.filter(({ status }) => status === 403)).toEqual([]);
  });
});

/** Of every function: its own queue, and nothing of it but taking messages. */
const consumes = (place: string) => [`sqs:GetQueueAttributes ${place}`, `sqs:ReceiveMessage ${place}`];
const reads = (place: string) => [
  ...consumes(place),
  'ssm:GetParameter of the webhook',
  ...['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'].map((action) => `dynamodb:${action} Notified`),
];
const CLEANS_UP = [
  ...['Images', 'Snapshots', 'Instances', 'LaunchTemplates', 'LaunchTemplateVersions'].map(
    (what) => `ec2:Describe${what}`,
  ),
  'ec2:DescribeImageReferences',
  'ec2:DescribeImageUsageReports',
  'ec2:DescribeImageUsageReportEntries',
  'ec2:ListImagesInRecycleBin',
  'ec2:DescribeImageAttribute of ours',
  // It only reads.
  "ec2:DescribeImageAttribute of others'",
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeLaunchConfigurations',
  'ec2:CreateImageUsageReport of ours',
  'ec2:EnableImageDeprecation of ours',
  'ec2:DisableImage of ours',
  'ec2:DeregisterImage of ours',
  'ec2:DeleteSnapshot of ours',
  'ec2:CreateTags amity:recycle of ours',
  'ec2:CreateTags amity:disabled-at of ours',
  'dynamodb:Query Retired',
  'dynamodb:BatchWriteItem Retired',
  'ssm:GetParameter of the switch',
  'events:PutEvents AmiCleaned',
];
/** Nothing of it is a deletion, and nothing touches what is not ours. */
const RESTORES = [
  'ec2:DescribeImages',
  'ec2:ListImagesInRecycleBin',
  'ec2:RestoreImageFromRecycleBin of ours',
  'ec2:RestoreSnapshotFromRecycleBin of ours',
  'ec2:EnableImage of ours',
  'ec2:DisableImageDeprecation of ours',
  'ec2:ModifyImageAttribute of ours',
  ...['amity:recycle', 'amity:failed', 'amity:disabled-at', 'Reason'].map(
    (key) => `ec2:CreateTags ${key} of ours`,
  ),
  'ec2:DeleteTags amity:recycle of ours',
  'dynamodb:Query Retired',
  'dynamodb:Query Retired byImage',
  'dynamodb:BatchWriteItem Retired',
  'events:PutEvents AmiRestored',
  'events:PutEvents AmiRestoreFailed',
];

/** All that each role may do, of what it is tried with: support/role-calls.ts. Anything else is denied. */
const MAY: Record<string, string[]> = {
  HttpRequestAmi: ['events:PutEvents AmiRequested', 'dynamodb:GetItem Requests', 'dynamodb:PutItem Requests'],
  AmiRequestedCreateImage: [
    ...consumes('AmiRequestedCreateImage'),
    'ec2:DescribeInstances',
    'ec2:DescribeImages',
    'ec2:CreateImage',
    'events:PutEvents AmiCreated',
    'events:PutEvents AmiFailed',
    'events:PutEvents AmiCreated and AmiFailed',
    'dynamodb:GetItem Requests',
    'dynamodb:PutItem Requests',
  ],
  AmiCreatedStartWaiter: [
    ...consumes('AmiCreatedStartWaiter'),
    'states:StartExecution of the waiter',
    'dynamodb:GetItem Requests',
  ],
  Ec2AmiStateChangeWakeWaiter: [
    ...consumes('Ec2AmiStateChangeWakeWaiter'),
    'states:SendTaskSuccess',
    'dynamodb:GetItem Waiting',
    'dynamodb:GetItem Requests',
  ],
  WaiterCheckImage: [
    'ec2:DescribeImages',
    'ec2:CreateTags amity:failed of ours',
    'ec2:DeleteTags amity:failed of ours',
  ],
  Waiter: [
    'lambda:InvokeFunction WaiterCheckImage',
    'dynamodb:PutItem Waiting',
    'dynamodb:UpdateItem Requests',
    'events:PutEvents AmiAvailable',
    'events:PutEvents AmiFailed',
  ],
  AmiAvailableNotify: [...reads('AmiAvailableNotify'), 'ec2:DescribeImages'],
  AmiFailedNotify: reads('AmiFailedNotify'),
  AmiCleanedNotify: reads('AmiCleanedNotify'),
  AmiAvailableCleanUp: [...consumes('AmiAvailableCleanUp'), ...CLEANS_UP],
  ScheduleCleanUp: CLEANS_UP,
  ScheduleRun: ['lambda:InvokeFunction ScheduleCleanUp'],
  Schedule: ['states:StartExecution of the clean-up', 'sqs:SendMessage DeadLettersUndelivered'],
  AmiRestoreRequestedRestoreImage: [...consumes('AmiRestoreRequestedRestoreImage'), ...RESTORES],
  AmiRestoredNotify: reads('AmiRestoredNotify'),
  AmiRestoreFailedNotify: reads('AmiRestoreFailedNotify'),
};

describe('the role of', () => {
  it.each(Object.entries(MAY))('%s may do its work, and nothing else', async (place, work) => {
    const { [place]: role = '' } = await resourcesOf(session, 'AWS::IAM::Role');
    const as = await clientsOf(session, role);
    const outcomes = new Map<string, string>();
    for (const [name, call] of Object.entries(await roleCalls(session))) {
      outcomes.set(name, await outcomeOf(call(as)));
    }
    const except = (outcome: string) => [...outcomes].filter(([, each]) => each !== outcome);
    expect(
      except('denied')
        .map(([name, outcome]) => `${name}: ${outcome}`)
        .sort(),
    ).toEqual(work.map((name) => `${name}: allowed`).sort());
    expect(outcomes.size).toBeGreaterThan(130);
  });

  it('each function, the waiter and the schedule was tried', async () => {
    // API Gateway's own, with the managed policy that AWS documents for its logs.
    const { HttpApiCloudWatch: _, ...roles } = await resourcesOf(session, 'AWS::IAM::Role');
    expect(Object.keys(roles).sort()).toEqual(Object.keys(MAY).sort());
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
