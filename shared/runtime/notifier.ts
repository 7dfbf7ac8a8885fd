import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { secretParameter } from '../aws/secret-parameter.ts';
import type { JandiCard } from '../domain/card.ts';
import type { Envelope } from '../events/event.ts';
import { hashOf } from '../events/request-key.ts';
import { consumer } from './consumer.ts';
import { environment, text, whole } from './environment.ts';
import { log } from './log.ts';
import { post } from './webhook.ts';

const JANDI_HEADERS = {
  Accept: 'application/vnd.tosslab.jandi-v2+json',
  'Content-Type': 'application/json',
};

const env = environment({ NOTIFIED_TABLE: text, RECORD_DAYS: whole, URL_PARAMETER: text });
const persistenceStore = new DynamoDBPersistenceLayer({ tableName: env.NOTIFIED_TABLE });
const config = new IdempotencyConfig({ expiresAfterSeconds: env.RECORD_DAYS * 86_400 });

interface Notification<Detail> {
  readonly event: { readonly detailType: string; decode(envelope: Envelope): Detail };
  readonly card: (detail: Detail) => JandiCard;
  /** What the receiver must not be told twice: an image, an attempt, a run. */
  readonly key: (detail: Detail) => unknown;
  /** Whether it is so at this moment, where that can be asked: an event may be old, or a lie. */
  readonly stillSo?: (detail: Detail) => Promise<boolean>;
}

/** A consumer that tells one receiver of one kind of event, once for each key, however often it is delivered. */
export function notifier<Detail>({ event, card, key, stillSo }: Notification<Detail>) {
  return consumer(event, async (detail, { context, signal }) => {
    if (stillSo && !(await stillSo(detail))) {
      log.warn('An event is not so (any more), and nobody is told', {
        event: event.detailType,
        key: key(detail),
      });
      return;
    }
    config.registerLambdaContext(context);
    const once = makeIdempotent(
      async (_id: string) =>
        post(await secretParameter(env.URL_PARAMETER, Date.now()), JANDI_HEADERS, card(detail), signal),
      // The default prefix is the function's name, which a deployment may change.
      { persistenceStore, config, keyPrefix: `${event.detailType}#${env.URL_PARAMETER}` },
    );
    await once(hashOf(key(detail)));
  });
}

/** An event, and its card. */
export interface Shown {
  readonly detailType: string;
  readonly card: (envelope: Envelope) => JandiCard;
}

export const shown = <Detail>(
  { detailType, decode }: { readonly detailType: string; decode(envelope: Envelope): Detail },
  card: (detail: Detail) => JandiCard,
): Shown => ({ detailType, card: (envelope) => card(decode(envelope)) });

/** One function for some events that belong together: each is told once, however often it is put or delivered. */
export const notifierOf = (name: string, events: readonly Shown[]) =>
  notifier({
    event: { detailType: name, decode: (envelope) => envelope },
    card: (envelope) => {
      const event = events.find(({ detailType }) => detailType === envelope['detail-type']);
      if (!event) throw new Error(`${envelope['detail-type']} is none of ${name}`);
      return event.card(envelope);
    },
    key: ({ 'detail-type': detailType, detail }) => [detailType, detail],
  });
