import { setTimeout as sleep } from 'node:timers/promises';
import type { Envelope } from '../shared/events/event.ts';
import { EVENTS } from '../shared/events/index.ts';
import type { Session } from './session.ts';

const { AmiCreated, AmiAvailable, AmiFailed, AmiCleaned } = EVENTS;

const PATIENCE_MS = 90_000;

/** What the demo promises, and whether it has come true. */
const promises: Record<string, (session: Session) => boolean> = {
  'three images created': ({ observer }) => all(observer.events, AmiCreated).length === 3,
  'three images available': ({ observer }) => all(observer.events, AmiAvailable).length === 3,
  'the stopped instance refused': ({ observer }) =>
    all(observer.events, AmiFailed).some(({ code }) => code === 'no-running-instance'),
  'the 20-day-old image deleted with its snapshot': ({ observer }) =>
    all(observer.events, AmiCleaned).some(({ deleted }) =>
      deleted.some((image) => image.snapshotIds.length === 1),
    ),
  'a card for each of those': ({ receiver }) => {
    const cards = receiver.cards.map(({ body }) => body);
    const count = (title: string) => cards.filter((card) => card.includes(title)).length;
    return count('Is Available') === 3 && count('Has Failed') === 1 && count('Been Cleaned') === 1;
  },
};

/** Waits until every promise of the demo has come true; throws with those that have not, after a while. */
export async function untilToldOfAll(session: Session): Promise<void> {
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
