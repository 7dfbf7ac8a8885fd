import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { held, inDays, table } from './table.ts';

const Kept = z.object({
  bodyHash: z.string(),
  /** In the order of the body's names. */
  requestIds: z.array(z.string()),
  expiresAt: z.number(),
});
type Kept = z.infer<typeof Kept>;

/** How long a key is remembered, as the contract says. */
const DAYS = 1;

export interface KeyedCall {
  /** Whoever calls: keys of different callers never meet. */
  readonly caller: string;
  readonly idempotencyKey: string;
  readonly bodyHash: string;
  readonly requestIds: string[];
}

/**
 * The request ids that belong to an Idempotency-Key: those given, at its first use, and those of the first
 * use ever after. Nothing when the key was used for another body. A lock is not needed: the same ids are
 * simply put on the bus again, and a request id is acted on once.
 */
export async function requestIdsOf(
  TableName: string,
  call: KeyedCall,
  now: Date,
): Promise<string[] | undefined> {
  const key = `http#${call.caller}#${call.idempotencyKey}`;
  const kept: Kept = { bodyHash: call.bodyHash, requestIds: call.requestIds, expiresAt: inDays(DAYS, now) };
  const first = await held(
    table.send(
      new PutCommand({
        TableName,
        Item: { key, ...kept },
        // DynamoDB deletes an expired item some time later; until then it counts as gone.
        ConditionExpression: 'attribute_not_exists(#key) OR expiresAt < :now',
        ExpressionAttributeNames: { '#key': 'key' },
        ExpressionAttributeValues: { ':now': inDays(0, now) },
      }),
    ),
  );
  if (first) return call.requestIds;
  const { Item } = await table.send(new GetCommand({ TableName, Key: { key }, ConsistentRead: true }));
  const earlier = Kept.parse(Item);
  return earlier.bodyHash === call.bodyHash ? earlier.requestIds : undefined;
}
