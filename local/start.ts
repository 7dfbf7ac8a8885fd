import { parseArgs } from 'node:util';
import { commands } from './commands.ts';
import { LifeOfImages } from './life.ts';
import { type Session, startSession } from './session.ts';
import {
  exampleBake,
  FLEET,
  postBake,
  postRequest,
  publishEvent,
  publishRequest,
  setTheScene,
} from './story.ts';
import { untilToldOfAll, untilToldOfBake, untilToldOfRestoration, untilToldOfRollback } from './told.ts';

/**
 * `npm start`: Amity on an AWS on this machine, telling the life of a few images. Stays up for the commands
 * that it prints, until Ctrl-C; `-- --once` ends by itself, with 0 only if everything happened.
 */
const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });

const life = new LifeOfImages(console.log);
let session: Session | undefined;
let stopping = false;

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await session?.stop();
  process.exit(code);
}
process.on('SIGINT', () => void stop(values.once ? 130 : 0));
process.on('SIGTERM', () => void stop(143));
process.on('SIGHUP', () => void stop(129));

try {
  session = await startSession({ say: (line) => life.line('local', line, 'dim') });
  await tell(session);
  if (values.once) await stop(0);
  console.log(commands(session));
} catch (error) {
  if (!stopping) console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  await stop(1);
}

async function tell(session: Session): Promise<void> {
  session.observer.onEvent = (event) => life.event(event);
  session.receiver.onCard = (card) => life.card(card);
  await setTheScene(session.aws);
  life.line(
    'local',
    'Running: service-api twice, service-worker, and a group of two that follows service-worker; stopped: service-batch; images of 20 and 40 days, the older one in use',
    'dim',
  );
  const names = ['service-api', 'service-worker', 'service-batch'];
  const answer = await postRequest(session, { instance_name_list: names });
  life.line('POST', `/prod/create-ami ${names.join(', ')} -> ${answer.status}`, 'cyan');
  await publishRequest(session, { instanceName: 'service-api', reason: 'Hotfix' });
  life.line('other system', 'AmiRequested service-api, reason Hotfix', 'cyan');
  const deleted = await untilToldOfAll(session);
  await publishEvent(session, 'AmiRollbackRequested', { instanceName: FLEET }, 'my.console');
  life.line('a person', `AmiRollbackRequested ${FLEET}: that was wrong`, 'cyan');
  await untilToldOfRollback(session);
  await publishEvent(session, 'AmiRestoreRequested', { imageId: deleted }, 'my.console');
  life.line('a person', `AmiRestoreRequested ${deleted}: it is wanted after all`, 'cyan');
  await untilToldOfRestoration(session);
  const bake = await exampleBake();
  const baking = await postBake(session, bake);
  life.line('POST', `/prod/bake-ami ${bake.name} from ${bake.base_image} -> ${baking.status}`, 'cyan');
  life.line(
    'local',
    'No machine boots here: its builders are played, by running examples/bake/*.sh in a folder',
    'dim',
  );
  await untilToldOfBake(session);
}
