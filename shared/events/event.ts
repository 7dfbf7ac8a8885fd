import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import * as z from 'zod/mini';

export const OUR_SOURCE = 'amity';

/**
 * What EventBridge wraps around a detail. A replayed event carries `replay-name`; nothing promises that
 * `id` survives a replay, so it is never used to tell events apart.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
export const Envelope = z.object({
  id: z.string(),
  account: z.string(),
  region: z.string(),
  source: z.string(),
  time: z.iso.datetime({ offset: true }),
  'detail-type': z.string(),
  'replay-name': z.optional(z.string()),
  detail: z.unknown(),
});
export type Envelope = z.infer<typeof Envelope>;

/** For a consumer to which a detail that is no request is worth an answer too. */
export const anyDetail = { decode: (envelope: Envelope) => envelope };

export interface EventDefinition<Schema extends z.ZodMiniType> {
  readonly detailType: string;
  /** One sentence for the generated table of events. */
  readonly summary: string;
  readonly schema: Schema;
}

export interface AmityEvent<Schema extends z.ZodMiniType> extends EventDefinition<Schema> {
  /** A PutEvents entry, without its bus. Throws a ZodError when the detail breaks our own contract. */
  encode(detail: z.infer<Schema>): Omit<PutEventsRequestEntry, 'EventBusName'>;
  /** The detail of an envelope; throws a ZodError when it does not fit the schema. */
  decode(envelope: Envelope): z.infer<Schema>;
  /**
   * The rule that delivers this event when *we* published it. Source and account are both matched:
   * a bus that others may write to must not let them announce images in our name.
   */
  ours(account: string): { source: string[]; account: string[]; detailType: string[] };
}

/** One event as one object: nobody types its detail-type, its schema or its pattern a second time. */
export function defineEvent<Schema extends z.ZodMiniType>(
  definition: EventDefinition<Schema>,
): AmityEvent<Schema> {
  const { detailType, schema } = definition;
  return {
    ...definition,
    encode: (detail) => ({
      Source: OUR_SOURCE,
      DetailType: detailType,
      Detail: JSON.stringify(schema.parse(detail)),
    }),
    decode: (envelope) => schema.parse(envelope.detail),
    ours: (account) => ({ source: [OUR_SOURCE], account: [account], detailType: [detailType] }),
  };
}
