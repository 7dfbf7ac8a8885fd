import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, ImageState } from '../../../local/control-types.ts';
import { publishRequest } from '../../../local/story.ts';
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
} from '../support/flow.ts';
import { put } from '../support/put.ts';
import { type Session, startSession } from '../support/session.ts';

let session: Session;

beforeAll(async () => {
  session = await startSession({ config: { waiter: { pollSeconds: 2, timeoutMinutes: 1 } } });
});
afterAll(() => session?.stop());

const start = (name: string, more: object = {}) => session.aws.control.startInstance({ name, ...more });
const request = (instanceName: string) => ({ detailType: 'AmiRequested', detail: { instanceName } });

type WithoutAction<Each> = Each extends Fault ? Omit<Each, 'action'> : never;
type CreateFault = WithoutAction<Fault>;

/** A fault of CreateImage, for the images of one instance name alone unless it says otherwise. */
const strike = (name: string, fault: CreateFault) =>
  session.aws.control.addFault({ action: 'CreateImage', match: { Name: `${name}-Deploy-*` }, ...fault });

/** The CreateImage calls for an instance name, with what struck them. */
const attempts = async (name: string) =>
  (await session.aws.control.calls({ service: 'ec2', action: 'CreateImage' })).filter(({ params }) =>
    String(params.Name).startsWith(`${name}-Deploy-`),
  );

const changeOf = async (name: string, state: ImageState, Message?: string) => {
  const { imageId } = await untilSeen(session, 'AmiCreated', name, 60);
  await session.aws.control.changeImage(imageId, {
    state,
    ...(Message !== undefined && { stateReason: { Code: 'Client.Test', Message } }),
  });
  return imageId;
};

const lost = (times: number): CreateFault => ({ kind: 'carried-out-answer-lost', alsoErrors: true, times });
const lostBehind500 = (times: number): CreateFault => ({
  ...lost(times),
  kind: 'carried-out-answer-lost',
  answer: 'error',
  code: 'InternalError',
});
const throttled = (code: string, times: number): CreateFault => ({ kind: 'throttle', code, times });
const refused = (code: string, status: number, times: number): CreateFault => ({
  kind: 'error',
  code,
  status,
  times,
});

describe.concurrent('CreateImage', () => {
  it.each<[string, string, CreateFault]>([
    ['lost-1', 'carried out, its answer lost', lost(1)],
    ['lost-20', 'carried out, 20 answers in a row lost', lost(20)],
    ['lost-500-1', 'carried out, but answered with 500', lostBehind500(1)],
    ['lost-500-20', 'carried out, but answered with 500 20 times', lostBehind500(20)],
    ['slow-30', 'throttled 30 times', throttled('RequestLimitExceeded', 30)],
    ['pending-30', 'refused for pending snapshots', throttled('PendingSnapshotLimitExceeded', 30)],
    ['volume-1', 'refused for its volume', refused('SnapshotCreationPerVolumeRateExceeded', 400, 1)],
    ['down-10', 'answered with 503 10 times', refused('Unavailable', 503, 10)],
    ['reset-10', 'cut off 10 times', { kind: 'connection-reset', times: 10 }],
  ])('%s: %s: one image, announced once', async (name, _, fault) => {
    await start(name);
    await strike(name, fault);
    await publishRequest(session, { instanceName: name });
    const { imageId } = await untilSeen(session, 'AmiAvailable', name, 90);
    expect((await attempts(name)).filter(({ fault }) => fault)).toHaveLength(fault.times ?? 0);
    expect((await imagesOf(session, name)).map((image) => image.imageId)).toEqual([imageId]);
    expect(announced(session, 'AmiCreated', name)).toHaveLength(1);
    expect(announced(session, 'AmiAvailable', name)).toHaveLength(1);
    expect(announced(session, 'AmiFailed', name)).toEqual([]);
    await until('the card', () => cardsAbout(session, imageId).length === 1);
  });
});

describe.concurrent('an instance that ends between list and create', () => {
  it.each<[string, CreateFault]>([
    ['ended', refused('InvalidInstanceID.NotFound', 400, 1)],
    ['stopping', refused('IncorrectInstanceState', 400, 1)],
  ])('%s: the next oldest running one is imaged', async (name, fault) => {
    const oldest = await start(name, { launchTime: daysAgo(9) });
    const next = await start(name, { launchTime: daysAgo(5) });
    await start(name, { launchTime: daysAgo(1) });
    await strike(name, { ...fault, match: { InstanceId: oldest.instanceId } });
    await publishRequest(session, { instanceName: name });
    expect((await untilSeen(session, 'AmiAvailable', name, 90)).instanceId).toBe(next.instanceId);
  });

  it('really terminated while the call is under way, none left: AmiFailed, and the siblings go on', async () => {
    const last = await start('last-one');
    await start('sibling');
    await session.aws.control.addFault({
      action: 'CreateImage',
      kind: 'delay',
      seconds: 2,
      match: { InstanceId: last.instanceId },
    });
    await put(session, request('last-one'), request('sibling'));
    await until('the call', async () => (await attempts('last-one')).length === 1, 60);
    await session.aws.control.changeInstance(last.instanceId, { state: 'terminated' });
    const failed = await untilSeen(session, 'AmiFailed', 'last-one', 60);
    expect(failed).toMatchObject({ code: 'no-running-instance', attempt: 1 });
    await untilSeen(session, 'AmiAvailable', 'sibling', 60);
    expect(await imagesOf(session, 'last-one')).toEqual([]);
    await until('the card', () => cardsAbout(session, 'Instance Name: last-one')[0]);
  });
});

describe.concurrent('an image', () => {
  it('that EC2 does not know for 8 s is waited for', async () => {
    await start('unknown-yet');
    await strike('unknown-yet', { kind: 'not-found-for', seconds: 8, times: 1 });
    await publishRequest(session, { instanceName: 'unknown-yet' });
    const { imageId } = await untilSeen(session, 'AmiAvailable', 'unknown-yet', 60);
    const calls = await session.aws.control.calls({ service: 'ec2', action: 'DescribeImages' });
    expect(calls.some(({ errorCode, params }) => errorCode && params['ImageId.1'] === imageId)).toBe(true);
  });

  it.each([
    ['failed', 'image-failed'],
    ['invalid', 'image-failed'],
    ['error', 'image-failed'],
    ['a-state-of-tomorrow', 'image-failed'],
    ['disabled', 'image-disabled'],
    ['deregistered', 'image-deregistered'],
  ])("that becomes %s ends as %s, with EC2's reason", async (state, code) => {
    const name = `becomes-${state}`;
    await start(name);
    await session.aws.control.setPending(null, { instance: name });
    await publishRequest(session, { instanceName: name });
    const imageId = await changeOf(name, state, `Because ${state}`);
    const failed = await untilSeen(session, 'AmiFailed', name, 60);
    expect(failed).toMatchObject({ code, imageId, message: expect.stringContaining(`Because ${state}`) });
    expect(announced(session, 'AmiAvailable', name)).toEqual([]);
  });

  it('that becomes transient is waited for', async () => {
    await start('passing');
    await session.aws.control.setPending(null, { instance: 'passing' });
    await publishRequest(session, { instanceName: 'passing' });
    const imageId = await changeOf('passing', 'transient');
    const looks = async () =>
      (await session.aws.control.calls({ service: 'ec2', action: 'DescribeImages' })).filter(
        ({ params }) => params['ImageId.1'] === imageId,
      ).length;
    const before = await looks();
    await until('two more looks', async () => (await looks()) >= before + 2, 60);
    await changeOf('passing', 'available');
    expect((await untilSeen(session, 'AmiAvailable', 'passing', 60)).imageId).toBe(imageId);
    expect(announced(session, 'AmiFailed', 'passing')).toEqual([]);
  });

  it('pending past the deadline ends as timeout; available after all, and old, the daily run finds it', async () => {
    const { control } = session.aws;
    await start('endless');
    await control.setPending(null, { instance: 'endless' });
    await publishRequest(session, { instanceName: 'endless' });
    const { imageId = '' } = await untilSeen(session, 'AmiFailed', 'endless', 110);
    expect(announced(session, 'AmiFailed', 'endless')).toMatchObject([{ code: 'timeout', imageId }]);
    await control.changeImage(imageId, { state: 'available' });
    await control.changeImage(imageId, { ageDays: 20 });
    for (const ageDays of [2, 1]) {
      await control.addImage({ name: `endless-${ageDays}`, ageDays, tags: ours('endless') });
    }
    await new LambdaClient(session.aws.clientConfig).send(
      new InvokeCommand({ FunctionName: session.outputs.CleanUpFunctionName }),
    );
    const swept = () => seen(session, 'AmiCleaned').flatMap(({ deleted }) => deleted);
    await until('the sweep', () => swept().find((image) => image.imageId === imageId));
    await settle(1);
    expect(announced(session, 'AmiAvailable', 'endless')).toEqual([]);
    expect(announced(session, 'AmiFailed', 'endless')).toHaveLength(1);
  }, 180_000);
});
