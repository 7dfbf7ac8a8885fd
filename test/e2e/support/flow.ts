import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '../../../local/session.ts';
import type { Envelope } from '../../../shared/events/event.ts';
import { EVENTS } from '../../../shared/events/index.ts';

/** Waits until something is so; fails with what it was told it waits for. Whoever asks EC2 asks less often. */
export async function until<Result>(
  what: string,
  look: () => Result | Promise<Result>,
  seconds = 80,
  everyMs = 50,
): Promise<NonNullable<Result>> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const result = await look();
    if (result) return result as NonNullable<Result>;
    if (Date.now() > deadline) throw new Error(`Not within ${seconds} s: ${what}`);
    await sleep(everyMs);
  }
}

type Events = typeof EVENTS;
type Detail<Name extends keyof Events> = ReturnType<Events[Name]['decode']>;

/** Many tests look at all events, many times a second: each is decoded once. */
const decoded = new WeakMap<Envelope, unknown>();

function detailOf<Name extends keyof Events>(name: Name, event: Envelope): Detail<Name> {
  const known = decoded.get(event) ?? EVENTS[name].decode(event);
  decoded.set(event, known);
  return known as Detail<Name>;
}

/** The details of one kind of event, so far, as the bus delivered them to an outside subscriber. */
export const seen = <Name extends keyof Events>(session: Session, name: Name): Detail<Name>[] =>
  envelopes(session, name).map((event) => detailOf(name, event));

export const envelopes = (session: Session, name: keyof Events): Envelope[] =>
  session.observer.events.filter((event) => event['detail-type'] === name);

/** The kinds of event that say whom they are about. */
type Named = Exclude<keyof Events, 'AmiRestoreRequested' | 'AmiRestoreFailed' | 'AmiMoveRequested'>;

/** Waits for the event of that kind about that instance name. */
export const untilSeen = <Name extends Named>(
  session: Session,
  name: Name,
  instanceName: string,
  seconds = 80,
) =>
  until(
    `${name} of ${instanceName}`,
    () => seen(session, name).find((detail) => detail.instanceName === instanceName),
    seconds,
  );

/** What was announced about an instance name, the copies of a replay left out. */
export const announced = <Name extends Named>(session: Session, name: Name, instanceName: string) =>
  envelopes(session, name)
    .filter((event) => !event['replay-name'])
    .map((event) => detailOf(name, event))
    .filter((detail) => detail.instanceName === instanceName);

/** The images of an instance name that EC2 has, oldest first. */
export const imagesOf = async ({ aws }: Session, instanceName: string) =>
  (await aws.control.images()).filter(({ tags }) => tags['amity:instance-name'] === instanceName);

/** The tags of an image of ours that was made before the test began. */
export const ours = (instanceName: string, more: Record<string, string> = {}) => ({
  'amity:instance-name': instanceName,
  'amity:request-id': 'before',
  Reason: 'Deploy',
  ...more,
});

/** Cards whose text mentions something. */
export const cardsAbout = (session: Session, text: string) =>
  session.receiver.cards.filter(({ body }) => body.includes(text));

/** Lets everything that could still happen happen. */
export const settle = (seconds = 3) => sleep(seconds * 1000);

export const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
