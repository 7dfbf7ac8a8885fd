import {
  CreateArchiveCommand,
  CreateEventBusCommand,
  DescribeReplayCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`;
const bus = arn('events', 'event-bus/amity');
let events: EventBridgeClient;
let sqs: SQSClient;

interface Envelope {
  id: string;
  time: string;
  detail: { n: number };
  'replay-name'?: string;
}

/** A queue that gets the events of a rule on the bus. */
async function subscribe(name: string): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const EventPattern = JSON.stringify({ source: ['me'] });
  await events.send(new PutRuleCommand({ Name: name, EventBusName: 'amity', EventPattern }));
  const Targets = [{ Id: 'q', Arn: arn('sqs', name) }];
  await events.send(new PutTargetsCommand({ Rule: name, EventBusName: 'amity', Targets }));
  return String(QueueUrl);
}

async function received(QueueUrl: string): Promise<Envelope[]> {
  const input = { QueueUrl, WaitTimeSeconds: 1, MaxNumberOfMessages: 10 };
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(input));
  return Messages.map(({ Body }) => JSON.parse(String(Body)) as Envelope);
}

async function put(...entries: NonNullable<ConstructorParameters<typeof PutEventsCommand>[0]>['Entries'][]) {
  return events.send(new PutEventsCommand({ Entries: entries.flat() as never }));
}

const entry = (n: number, more = {}) => ({
  Source: 'me',
  DetailType: 'AmiRequested',
  EventBusName: 'amity',
  Detail: JSON.stringify({ n }),
  ...more,
});

beforeAll(async () => {
  events = new EventBridgeClient({ ...suite.aws.clientConfig, maxAttempts: 1 });
  sqs = new SQSClient(suite.aws.clientConfig);
  await events.send(new CreateEventBusCommand({ Name: 'amity' }));
  await events.send(new CreateArchiveCommand({ ArchiveName: 'amity', EventSourceArn: bus }));
});

describe('PutEvents', () => {
  it("keeps an entry's own time", async () => {
    const queue = await subscribe('times');
    await put([entry(1, { Time: new Date('2025-06-05T12:00:00Z') })]);
    expect(await received(queue)).toMatchObject([{ time: '2025-06-05T12:00:00Z', detail: { n: 1 } }]);
  });

  it.each([
    ['no source', { Source: undefined }, 'InvalidArgument'],
    ['no detail type', { DetailType: undefined }, 'InvalidArgument'],
    ['no detail', { Detail: undefined }, 'InvalidArgument'],
    ['a detail that is no JSON', { Detail: '{' }, 'MalformedDetail'],
    ['a detail that is no object', { Detail: '[1]' }, 'MalformedDetail'],
    ["AWS's own source", { Source: 'aws.ec2' }, 'NotAuthorizedForSourceException'],
  ])('refuses an entry with %s, and takes the others', async (_, wrong, code) => {
    const answer = await put([entry(1, wrong), entry(2)]);
    expect(answer.FailedEntryCount).toBe(1);
    expect(answer.Entries).toMatchObject([{ ErrorCode: code }, { EventId: expect.any(String) }]);
  });

  it('refuses over 1 MB and over 10 entries whole', async () => {
    const big = entry(1, { Detail: JSON.stringify({ x: 'x'.repeat(1_048_576) }) });
    expect((await errorOf(put([big]))).name).toBe('ValidationException');
    expect((await errorOf(put(Array.from({ length: 11 }, () => entry(1))))).name).toBe('ValidationException');
  });

  it('loses what AWS loses without a word: an unknown bus, a detail type of over 128 characters', async () => {
    const queue = await subscribe('lost');
    const answer = await put([
      entry(1, { EventBusName: 'nowhere' }),
      entry(2, { DetailType: 'x'.repeat(129) }),
    ]);
    expect(answer.FailedEntryCount).toBe(0);
    expect(await received(queue)).toEqual([]);
  });
});

describe('a replay', () => {
  it('delivers what is in its window, by the events own time, marked, to the rules that it names', async () => {
    const [one, other] = [await subscribe('one'), await subscribe('other')];
    const Time = new Date('2025-01-01T00:00:30Z');
    await put([entry(7, { Time }), entry(8, { Time: new Date('2025-01-02T00:00:00Z') })]);
    const first = [...(await received(one)), ...(await received(other))];
    expect(first).toHaveLength(4);
    await events.send(
      new StartReplayCommand({
        ReplayName: 'again',
        EventSourceArn: arn('events', 'archive/amity'),
        EventStartTime: new Date('2025-01-01T00:00:00Z'),
        EventEndTime: new Date('2025-01-01T00:01:00Z'),
        Destination: { Arn: bus, FilterArns: [arn('events', 'rule/amity/one')] },
      }),
    );
    await vi.waitFor(async () => {
      const { State } = await events.send(new DescribeReplayCommand({ ReplayName: 'again' }));
      expect(State).toBe('COMPLETED');
    });
    const replayed = await received(one);
    expect(replayed).toMatchObject([
      { 'replay-name': 'again', time: '2025-01-01T00:00:30Z', detail: { n: 7 }, account: '000000000000' },
    ]);
    expect(first.map((each) => each.id)).not.toContain(replayed[0]?.id);
    expect(await received(other)).toEqual([]);
  });

  it('is not archived again, and its name serves once', async () => {
    const start = (ReplayName: string) =>
      events.send(
        new StartReplayCommand({
          ReplayName,
          EventSourceArn: arn('events', 'archive/amity'),
          EventStartTime: new Date('2026-01-01T00:00:00Z'),
          EventEndTime: new Date('2026-01-01T00:01:00Z'),
          Destination: { Arn: bus },
        }),
      );
    await start('twice');
    expect((await errorOf(start('twice'))).name).toBe('ResourceAlreadyExistsException');
    const queue = await subscribe('late');
    await put([entry(9, { Time: new Date('2026-01-01T00:00:30Z') })]);
    expect(await received(queue)).toHaveLength(1);
    await start('first');
    await vi.waitFor(async () => expect(await received(queue)).toHaveLength(1));
    await start('second');
    expect(await received(queue)).toHaveLength(1);
  });
});
