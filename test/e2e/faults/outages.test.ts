import { execFileSync } from 'node:child_process';
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../../local/control-types.ts';
import { postRequest } from '../../../local/story.ts';
import { OUR_SOURCE } from '../../../shared/events/event.ts';
import { announced, cardsAbout, imagesOf, settle, until, untilSeen } from '../support/flow.ts';
import { put } from '../support/put.ts';
import { queueOf, untilDone } from '../support/queues.ts';
import { QUICK } from '../support/quick.ts';
import { type Session, startSession } from '../support/session.ts';

let session: Session;

beforeAll(async () => {
  session = await startSession({ config: QUICK });
});
afterAll(() => session?.stop());

const start = (name: string) => session.aws.control.startInstance({ name });
/** The request's id is its name, so that a fault can meet its item in DynamoDB. */
const request = (instanceName: string) =>
  put(session, { detailType: 'AmiRequested', detail: { instanceName, requestId: instanceName } });

/** The request ended in one image, one card, and nothing failed. */
async function expectOnce(name: string): Promise<void> {
  const { imageId } = await untilSeen(session, 'AmiAvailable', name, 90);
  await until('the card', () => cardsAbout(session, imageId)[0], 60);
  expect((await imagesOf(session, name)).map((image) => image.imageId)).toEqual([imageId]);
  expect(announced(session, 'AmiFailed', name)).toEqual([]);
  expect(cardsAbout(session, imageId)).toHaveLength(1);
}

describe.concurrent('PutEvents takes 7 of 10 entries', () => {
  const post = async (prefix: string) => {
    const names = Array.from({ length: 10 }, (_, index) => `${prefix}-${index}`);
    const answer = await postRequest(session, { instance_name_list: names });
    const body: Record<string, { instance_name: string }[]> = JSON.parse(await answer.text());
    const named = (list: string) => (body[list] ?? []).map(({ instance_name }) => instance_name);
    return { names, status: answer.status, named };
  };
  const refuse = (prefix: string, entries: number[], times: number) =>
    session.aws.control.addFault({
      service: 'events',
      action: 'PutEvents',
      kind: 'partial',
      entries,
      times,
      match: { Entries: `*AmiRequested*${prefix}-*` },
    });
  const onBus = (prefix: string) =>
    session.observer.events
      .filter((event) => event['detail-type'] === 'AmiRequested')
      .map(({ detail }) => String(Object(detail).instanceName))
      .filter((name) => name.startsWith(`${prefix}-`))
      .sort();

  it('the other 3 are sent again: 202, and all ten are on the bus, once each', async () => {
    await refuse('seven', [1, 4, 9], 1);
    const { names, status, named } = await post('seven');
    expect([status, named('requests')]).toEqual([202, names]);
    await until('all ten', () => onBus('seven').length === 10);
    await settle(1);
    expect(onBus('seven')).toEqual(names);
  });

  it('the other 3 fail for good: 503 says which, and the 7 are on the bus', async () => {
    await refuse('refused', [1, 4, 9], 1);
    await refuse('refused', [0, 1, 2], 3);
    const { names, status, named } = await post('refused');
    const rejected = ['refused-1', 'refused-4', 'refused-9'];
    const accepted = names.filter((name) => !rejected.includes(name));
    expect([status, named('accepted'), named('rejected')]).toEqual([503, accepted, rejected]);
    await until('the seven', () => onBus('refused').length === 7);
    await settle(1);
    expect(onBus('refused')).toEqual(accepted);
  });
});

type WithoutTarget<Each> = Each extends Fault ? Omit<Each, 'service' | 'action' | 'match'> : never;
type Effect = WithoutTarget<Fault>;

const down = (times: number, after = 0): Effect => ({
  kind: 'error',
  code: 'InternalServerError',
  status: 500,
  times,
  after,
});
const lost = (times: number): Effect => ({ kind: 'carried-out-answer-lost', alsoErrors: true, times });

describe.concurrent('Step Functions', () => {
  const starts = async (name: string) =>
    (await session.aws.control.calls({ service: 'states', action: 'StartExecution' })).filter(({ params }) =>
      String(params.input).includes(`"${name}"`),
    );

  it.each<[string, string, Effect]>([
    ['sfn-throttled', 'throttled beyond what the SDK waits out', { kind: 'throttle', times: 7 }],
    ['sfn-refused', 'refused', { kind: 'error', code: 'AccessDeniedException', status: 400, times: 1 }],
    ['sfn-down', 'out of order', down(7)],
    ['sfn-lost', 'started, its answer lost', lost(1)],
  ])('%s: StartExecution %s: one waiter, announced once', async (name, _, effect) => {
    await start(name);
    await session.aws.control.addFault({
      service: 'states',
      action: 'StartExecution',
      match: { input: `*"${name}"*` },
      ...effect,
    });
    await request(name);
    await expectOnce(name);
    expect((await starts(name)).filter(({ fault }) => fault)).toHaveLength(effect.times ?? 0);
    expect(announced(session, 'AmiAvailable', name)).toHaveLength(1);
  });

  it('already running: no error, no second waiter', async () => {
    await start('sfn-twice');
    await session.aws.control.setPending(6, { instance: 'sfn-twice' });
    await request('sfn-twice');
    await until('the waiter', async () => (await starts('sfn-twice')).length === 1);
    const [detail] = announced(session, 'AmiCreated', 'sfn-twice');
    await put(session, { detailType: 'AmiCreated', detail, source: OUR_SOURCE });
    const answers = async () => (await starts('sfn-twice')).map(({ errorCode }) => errorCode);
    await until('the second start', async () => (await answers()).length === 2);
    await expectOnce('sfn-twice');
    expect(await answers()).toEqual([null, 'ExecutionAlreadyExists']);
    expect(announced(session, 'AmiAvailable', 'sfn-twice')).toHaveLength(1);
  });
});

describe.concurrent('a crash', () => {
  /** Five calls are all that the SDK tries: then the function gives the message back. */
  it.each<[string, string, { service: string; action: string; match: Record<string, string> }, Effect]>([
    ['cut-1', 'after CreateImage, before its record', item('TransactWriteItems', 'cut-1'), down(5)],
    ['cut-2', 'after the record, its answer lost', item('TransactWriteItems', 'cut-2'), lost(5)],
    ['cut-3', 'after AmiCreated, its answer lost', entry('AmiCreated', 'cut-3'), lost(3)],
    ['cut-4', 'after AmiCreated, before that is noted', item('TransactWriteItems', 'cut-4'), down(5, 1)],
    ['cut-5', 'after "available" is recorded, its answer lost', item('UpdateItem', 'cut-5'), lost(1)],
  ])('%s: %s: one image, one card', async (name, _, target, effect) => {
    await start(name);
    const fault = await session.aws.control.addFault({ ...target, ...effect });
    await request(name);
    await expectOnce(name);
    await untilDone(session, 'AmiRequested/CreateImage');
    await settle(2);
    await expectOnce(name);
    const inForce = await session.aws.control.faults();
    expect(inForce.find(({ id }) => id === fault.id)?.struck).toBe(effect.times);
  });
});

function item(action: 'TransactWriteItems' | 'UpdateItem', name: string) {
  const where = action === 'UpdateItem' ? 'Key' : 'TransactItems';
  return { service: 'dynamodb', action, match: { [where]: `*#${name}*` } };
}

function entry(detailType: string, name: string) {
  return { service: 'events', action: 'PutEvents', match: { Entries: `*${detailType}*"${name}"*` } };
}

describe('DynamoDB is unavailable', () => {
  it('requests wait and nothing is done twice; then all of it is done', async () => {
    const { control } = session.aws;
    await control.removeFaults();
    await start('in-flight');
    await start('asked-meanwhile');
    await control.setPending(null, { instance: 'in-flight' });
    await request('in-flight');
    const { imageId } = await untilSeen(session, 'AmiCreated', 'in-flight');
    await untilDone(session, 'AmiCreated/StartWaiter');
    const actions = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems'];
    for (const action of actions) {
      await control.addFault({
        service: 'dynamodb',
        action,
        kind: 'error',
        code: 'InternalServerError',
        status: 500,
      });
    }
    await request('asked-meanwhile');
    await control.changeImage(imageId, { state: 'available' });
    const struck = async (action: string) =>
      (await control.faults()).find((fault) => fault.action === action)?.struck ?? 0;
    await until('the waiter cannot record', async () => (await struck('UpdateItem')) >= 2);
    await until('the function gives up for now', async () => (await struck('GetItem')) >= 5);
    await settle(2);
    expect(await imagesOf(session, 'asked-meanwhile')).toEqual([]);
    expect(announced(session, 'AmiAvailable', 'in-flight')).toEqual([]);
    await control.removeFaults();
    await Promise.all(['in-flight', 'asked-meanwhile'].map(expectOnce));
  });
});

describe('every function is killed', () => {
  it('while CreateImage is under way: the message comes again, and the image is adopted', async () => {
    const { control } = session.aws;
    await control.removeFaults();
    const QueueUrl = await queueOf(session, 'AmiRequested/CreateImage');
    await new SQSClient(session.aws.clientConfig).send(
      new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '10' } }),
    );
    await start('killed');
    const Name = 'killed-Deploy-*';
    await control.addFault({ action: 'CreateImage', kind: 'delay', seconds: 5, times: 1, match: { Name } });
    await request('killed');
    await until('the call', async () => (await control.faults()).some(({ struck }) => struck === 1));
    for (const pid of workers()) process.kill(pid, 'SIGKILL');
    await expectOnce('killed');
    const calls = await control.calls({ service: 'ec2', action: 'CreateImage' });
    const answers = calls.filter(({ params }) => String(params.Name).startsWith('killed-'));
    expect(answers.map(({ errorCode }) => errorCode)).toEqual([null, 'InvalidAMIName.Duplicate']);
  });
});

/** The processes in which the embedded AWS runs Lambda functions. */
const workers = () =>
  execFileSync('pgrep', ['-P', String(session.aws.pid)], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number);
