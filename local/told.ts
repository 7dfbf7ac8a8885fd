import { setTimeout as sleep } from 'node:timers/promises';
import { Ec2InstanceStateChange } from '../shared/events/ec2-instance-state-change.ts';
import type { Envelope } from '../shared/events/event.ts';
import { EVENTS } from '../shared/events/index.ts';
import type { Session } from './session.ts';

const {
  AmiBakeRequested,
  AmiCreated,
  AmiAvailable,
  AmiFailed,
  AmiCleaned,
  AmiRestored,
  AmiRolledOut,
  AmiRolledBack,
  AmiRolloutSucceeded,
} = EVENTS;

const PATIENCE_MS = 90_000;

type Promises = Record<string, (session: Session) => boolean>;

/** What the first half of the demo promises, and whether it has come true. */
const LIFE: Promises = {
  'three images created': ({ observer }) => all(observer.events, AmiCreated).length === 3,
  'three images available': ({ observer }) => all(observer.events, AmiAvailable).length === 3,
  'the stopped instance refused': ({ observer }) =>
    all(observer.events, AmiFailed).some(({ code }) => code === 'no-running-instance'),
  'the 20-day-old image deleted with its snapshot': ({ observer }) =>
    all(observer.events, AmiCleaned).some(({ deleted }) =>
      deleted.some((image) => image.snapshotIds.length === 1),
    ),
  'the 40-day-old image kept, because an instance uses it': ({ observer }) =>
    all(observer.events, AmiCleaned).some(({ kept }) =>
      kept.some(({ reason }) => reason.startsWith('in use: instance/')),
    ),
  'the group that follows refreshed with the new image': ({ observer }) =>
    all(observer.events, AmiRolledOut).length === 1 && all(observer.events, AmiRolloutSucceeded).length === 1,
  'a card for each of those': ({ receiver }) => {
    const cards = receiver.cards.map(({ body }) => body);
    const count = (title: string) => cards.filter((card) => card.includes(title)).length;
    return count('Is Available') === 3 && count('Has Failed') === 1 && count('Been Cleaned') >= 1;
  },
};

/** What follows when that was wrong. */
const ROLLBACK: Promises = {
  'the group back on the version before': ({ observer }) =>
    all(observer.events, AmiRolledBack).length === 1 &&
    all(observer.events, AmiRolloutSucceeded).length === 2,
  'a card for it': ({ receiver }) => receiver.cards.some(({ body }) => body.includes('Been Rolled Back')),
};

/** What the second half promises. */
const SECOND_THOUGHTS: Promises = {
  'the deleted image restored, with a card': ({ observer, receiver }) =>
    all(observer.events, AmiRestored).length === 1 &&
    receiver.cards.some(({ body }) => body.includes('Been Restored')),
};

/** What its last part promises. */
const BAKE: Promises = {
  'an image baked from a base image, validated and announced': ({ observer }) =>
    all(observer.events, AmiAvailable).some(({ baseImageId }) => baseImageId),
  'both of its builders terminated': ({ observer }) =>
    sinceBake(observer.events).filter(
      (event) =>
        event['detail-type'] === Ec2InstanceStateChange.detailType &&
        Ec2InstanceStateChange.decode(event).state === 'terminated',
    ).length === 2,
  'a card for it': ({ receiver }) => receiver.cards.some(({ body }) => body.includes('service-web')),
};

/** Waits for the life of the images to be told; gives the image that was deleted. */
export async function untilToldOfAll(session: Session): Promise<string> {
  await until(LIFE, session);
  const [deleted] = all(session.observer.events, AmiCleaned).flatMap((cleaned) => cleaned.deleted);
  return deleted?.imageId ?? '';
}

/** The group's instances have ended before. */
const sinceBake = (events: readonly Envelope[]) =>
  events.slice(events.findIndex((event) => event['detail-type'] === AmiBakeRequested.detailType));

export const untilToldOfRollback = (session: Session): Promise<void> => until(ROLLBACK, session);
export const untilToldOfRestoration = (session: Session): Promise<void> => until(SECOND_THOUGHTS, session);
export const untilToldOfBake = (session: Session): Promise<void> => until(BAKE, session);

/** Waits until every promise has come true; throws with those that have not, after a while. */
async function until(promises: Promises, session: Session): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  const broken = () => Object.entries(promises).flatMap(([what, kept]) => (kept(session) ? [] : [what]));
  while (broken().length > 0) {
    if (Date.now() > deadline) throw new Error(`This did not happen: ${broken().join('; ')}.`);
    await sleep(100);
  }
}

function all<Detail>(
  events: readonly Envelope[],
  event: { detailType: string; decode(envelope: Envelope): Detail },
): Detail[] {
  return events.filter((each) => each['detail-type'] === event.detailType).map((each) => event.decode(each));
}
