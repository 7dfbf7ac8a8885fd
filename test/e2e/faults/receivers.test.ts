import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { promisify } from 'node:util';
import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishRequest } from '../../../local/story.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../../local/webhook-receiver.ts';
import { announced, cardsAbout, settle, until, untilSeen } from '../support/flow.ts';
import { messagesIn, queueOf, untilDone } from '../support/queues.ts';
import { type Session, startSession, URL_PARAMETER } from '../support/session.ts';

/** Receivers beside the session's own, which is well. Each has a queue of its own. */
const FAULTY = ['error', 'busy', 'silent', 'redirect', 'deaf', 'insecure', 'closed'] as const;
type Faulty = (typeof FAULTY)[number];
const notifyOf = (name: Faulty) => `AmiAvailable/Notify${FAULTY.indexOf(name) + 2}`;

let session: Session;
let sqs: SQSClient;
let elsewhere: WebhookReceiver;
let imageId: string;
const receivers = new Map<Faulty, WebhookReceiver>();
/** When something that speaks no TLS was asked to. */
const handshakes: number[] = [];
const plain = createTcpServer((socket) => {
  handshakes.push(Date.now());
  socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n');
});

beforeAll(async () => {
  const paths = [URL_PARAMETER, ...FAULTY.map((name) => `/amity/${name}`)];
  const notifications = paths.map((urlParameter) => ({
    format: 'jandi',
    urlParameter,
    events: ['AmiAvailable'],
  }));
  session = await startSession({ config: { notifications } });
  sqs = new SQSClient(session.aws.clientConfig);
  elsewhere = await startWebhookReceiver();
  for (const name of FAULTY) receivers.set(name, await startWebhookReceiver());
  receiverOf('error').behave({ status: 500 });
  receiverOf('busy').behave({ status: 429, headers: { 'retry-after': '4' } });
  receiverOf('silent').behave({ delayMs: Number.POSITIVE_INFINITY });
  receiverOf('redirect').behave({ status: 302, headers: { location: elsewhere.url } });
  receiverOf('deaf').behave({ status: 500 });
  await receiverOf('closed').stop();
  await once(plain.listen(0, '127.0.0.1'), 'listening');
  const address = plain.address();
  const insecure = `https://127.0.0.1:${Object(address).port}/connect-api/webhook/secret-of-the-team`;
  for (const name of FAULTY) await point(name, name === 'insecure' ? insecure : receiverOf(name).url);
  await letterAfterOneTry(notifyOf('deaf'));
  await letterAfterOneTry('AmiCreated/StartWaiter');
  await session.aws.control.startInstance({ name: 'told' });
  await publishRequest(session, { instanceName: 'told' });
  imageId = (await untilSeen(session, 'AmiAvailable', 'told')).imageId;
});
afterAll(async () => {
  await session?.stop();
  plain.close();
  for (const name of FAULTY) if (name !== 'closed') await receivers.get(name)?.stop();
  await elsewhere?.stop();
});

function receiverOf(name: Faulty): WebhookReceiver {
  const receiver = receivers.get(name);
  if (!receiver) throw new Error(`No receiver ${name}`);
  return receiver;
}

/** The cards about the image of `told` that a receiver got. */
const told = (name: Faulty) => receiverOf(name).cards.filter(({ body }) => body.includes(imageId));

const point = (name: Faulty, Value: string) =>
  new SSMClient(session.aws.clientConfig).send(
    new PutParameterCommand({ Name: `/amity/${name}`, Type: 'SecureString', Value }),
  );

/** How often a consumer's function has hidden a message: each time it failed. */
async function failures(name: Faulty): Promise<number> {
  const queue = (await queueOf(session, notifyOf(name))).split('/').at(-1) ?? '';
  const hidden = await session.aws.control.calls({ service: 'sqs', action: 'ChangeMessageVisibility' });
  return hidden.filter(({ params }) => String(params.QueueUrl).endsWith(`/${queue}`)).length;
}

/** As after hours of trying: the consumer's next failure makes a dead letter. */
async function letterAfterOneTry(consumer: string): Promise<void> {
  const QueueUrl = await queueOf(session, consumer);
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }),
  );
  const { deadLetterTargetArn } = JSON.parse(Attributes?.RedrivePolicy ?? '{}');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
}

describe.concurrent('a webhook receiver that', () => {
  it.each<[Faulty, string, number]>([
    // A failed message is hidden for 15 s; Retry-After says otherwise, and a time-out takes 10 s before that.
    ['error', 'answers 500', 15],
    ['busy', 'answers 429 with Retry-After', 4],
    ['silent', 'never answers', 25],
    ['redirect', 'redirects, which nobody follows', 15],
  ])('%s: %s: gets the card later, and not again after that', async (name, _, seconds) => {
    await until(`${name} was told`, () => told(name)[0]);
    receiverOf(name).behave({});
    await until(`${name} was told again`, () => told(name)[1], 90);
    const [first = 0, second = 0] = told(name).map(({ at }) => at.getTime());
    expect(second - first).toBeGreaterThanOrEqual(seconds * 1000 - 200);
    await untilDone(session, notifyOf(name));
    await settle(2);
    expect(told(name)).toHaveLength(2);
    expect(elsewhere.cards).toEqual([]);
  });

  it('closed: refuses the connection: gets the card once it is there', async () => {
    await until('a first try', () => failures('closed'), 60);
    const bodies: string[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      bodies.push(body);
      response.end();
    });
    await once(server.listen(Number(new URL(receiverOf('closed').url).port), '127.0.0.1'), 'listening');
    const about = () => bodies.filter((body) => body.includes(imageId));
    await until('the card', () => about()[0], 90);
    await untilDone(session, notifyOf('closed'));
    await settle(2);
    server.close();
    expect(about()).toHaveLength(1);
  });

  it('insecure: speaks no TLS: is tried again later, and its queue holds the card', async () => {
    await until('two tries', () => handshakes.length >= 2, 90);
    const [first = 0, second = 0] = handshakes;
    expect(second - first).toBeGreaterThanOrEqual(14_800);
    expect(await messagesIn(session, await queueOf(session, notifyOf('insecure')))).toBeGreaterThan(0);
  });

  it('is well: has its card at once, whatever the others do', async () => {
    const card = await until('the card', () => cardsAbout(session, imageId)[0]);
    expect(told('error')[1]?.at.getTime() ?? Number.POSITIVE_INFINITY).toBeGreaterThan(card.at.getTime());
    await settle(2);
    expect(cardsAbout(session, imageId)).toHaveLength(1);
  });
});

describe.concurrent('a consumer that is down for hours', () => {
  const redrive = async () =>
    (await promisify(execFile)(process.execPath, ['cli/redrive.ts'], { env: session.aws.childEnv })).stdout;

  it('its queue holds, then dead letters; npm run redrive brings each back to its queue, and it is done once', async () => {
    const { control } = session.aws;
    const fault = await control.addFault({
      service: 'states',
      action: 'StartExecution',
      kind: 'error',
      code: 'ServiceUnavailable',
      status: 503,
      match: { input: '*"unattended"*' },
    });
    await control.startInstance({ name: 'unattended' });
    await publishRequest(session, { instanceName: 'unattended' });
    const letters = () => messagesIn(session, session.outputs.DeadLetterQueueUrl);
    await until('a letter of the waiter, and one of the receiver', async () => (await letters()) === 2, 90);
    expect(announced(session, 'AmiAvailable', 'unattended')).toEqual([]);
    expect(told('deaf')).toHaveLength(1);

    await control.removeFaults(fault.id);
    receiverOf('deaf').behave({});
    expect(await redrive()).toContain('2 brought back.');
    const { imageId: late } = await untilSeen(session, 'AmiAvailable', 'unattended', 60);
    await until('its card', () => receiverOf('deaf').cards.some(({ body }) => body.includes(late)), 60);
    await until('the card that was a letter', () => told('deaf').length === 2, 60);
    expect(await redrive()).toContain('There are no dead letters.');
    await settle(2);
    expect(announced(session, 'AmiAvailable', 'unattended')).toHaveLength(1);
    expect(cardsAbout(session, late)).toHaveLength(1);
    // Refused once, told once.
    expect(told('deaf')).toHaveLength(2);
    expect((await control.images()).map((image) => image.imageId).sort()).toEqual([imageId, late].sort());
  });
});
