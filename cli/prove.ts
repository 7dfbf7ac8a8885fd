import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand, StartReplayCommand } from '@aws-sdk/client-eventbridge';
import { observe } from '../local/observer.ts';
import { imageById } from '../shared/aws/images.ts';
import { INSTANCE_NAME_TAG } from '../shared/domain/ownership.ts';
import { AmiAvailable } from '../shared/events/ami-available.ts';
import { AmiCreated } from '../shared/events/ami-created.ts';
import { AmiRequested } from '../shared/events/ami-requested.ts';
import type { Envelope } from '../shared/events/event.ts';
import { options } from './options.ts';
import { stackOutputs } from './stack-outputs.ts';

/**
 * `npm run prove -- --instance-name NAME`: shows on the account of the environment what only an account can
 * show. It asks for one image of a running instance of that name, without a request id and five times over,
 * waits for it, replays the last minutes of the archive, and looks whether anything was done twice. The image
 * stays: it is a real one, and retention will retire it.
 */
const { values } = options({
  options: {
    stack: { type: 'string', default: 'Amity' },
    'instance-name': { type: 'string' },
    'timeout-minutes': { type: 'string', default: '60' },
    'quiet-seconds': { type: 'string', default: '60' },
  },
});
const instanceName = values['instance-name'];
if (!instanceName) {
  console.error('Say whose image may be made: npm run prove -- --instance-name NAME');
  process.exit(2);
}
const started = new Date();
const bridge = new EventBridgeClient();
const outputs = await stackOutputs(values.stack);
const bus = outputs.BusName ?? '';
const observer = await observe({}, [{ bus, pattern: { 'detail-type': [{ prefix: 'Ami' }] } }]);
const wrong: string[] = [];
try {
  await prove(instanceName);
} catch (error) {
  wrong.push(error instanceof Error ? error.message : String(error));
} finally {
  await observer.stop();
  await observer.remove();
}
for (const what of wrong) console.error(`NOT PROVED: ${what}`);
if (wrong.length === 0)
  console.log('Proved: one image, announced once, tagged, and nothing repeated by a replay.');
process.exitCode = wrong.length > 0 ? 1 : 0;

async function prove(name: string): Promise<void> {
  const Time = new Date();
  const Detail = JSON.stringify({ instanceName: name, reason: 'Proof' });
  const entry = {
    EventBusName: bus,
    Source: 'amity.prove',
    DetailType: AmiRequested.detailType,
    Detail,
    Time,
  };
  await bridge.send(new PutEventsCommand({ Entries: Array.from({ length: 5 }, () => entry) }));
  console.log(`Asked five times over for one image of ${name}`);
  const [available] = await until('the image is available', () => about(AmiAvailable, name));
  if (!available) return;
  console.log(`${available.imageId} is available`);
  const tags = (await imageById(available.imageId))?.tags ?? {};
  holds(`the image carries ${INSTANCE_NAME_TAG}`, tags[INSTANCE_NAME_TAG] === name);

  const ReplayName = `amity-prove-${started.getTime()}`;
  // The archive needs a while before it knows an event.
  await sleep(Number(values['quiet-seconds']) * 1000);
  await bridge.send(
    new StartReplayCommand({
      ReplayName,
      EventSourceArn: outputs.ArchiveArn,
      EventStartTime: new Date(started.getTime() - 60_000),
      EventEndTime: new Date(),
      Destination: { Arn: outputs.BusArn },
    }),
  );
  await until('a replayed request', () =>
    observer.events.filter(
      (event) => event['replay-name'] === ReplayName && event['detail-type'] === AmiRequested.detailType,
    ),
  );
  await sleep(Number(values['quiet-seconds']) * 1000);
  holds('one image was made', about(AmiCreated, name).length === 1);
  holds('it was announced once', about(AmiAvailable, name).length === 1);
}

function holds(what: string, so: boolean): void {
  console.log(`${so ? 'yes' : 'NO '}  ${what}`);
  if (!so) wrong.push(what);
}

/** What was announced about that name, replayed copies left out. */
function about<Detail extends { instanceName: string }>(
  event: { detailType: string; decode(envelope: Envelope): Detail },
  name: string,
): Detail[] {
  return observer.events
    .filter((each) => each['detail-type'] === event.detailType && !each['replay-name'])
    .map((each) => event.decode(each))
    .filter((detail) => detail.instanceName === name);
}

async function until<Found>(what: string, look: () => Found[]): Promise<Found[]> {
  const deadline = Date.now() + Number(values['timeout-minutes']) * 60_000;
  for (;;) {
    const found = look();
    if (found.length > 0) return found;
    if (Date.now() > deadline) throw new Error(`Not within ${values['timeout-minutes']} minutes: ${what}`);
    await sleep(1000);
  }
}
