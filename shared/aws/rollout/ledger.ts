import { randomUUID } from 'node:crypto';
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Entry } from '../../domain/rollout/entry.ts';
import { TryAgainLater } from '../../runtime/errors.ts';
import { held, inDays, table } from '../table.ts';

const Place = z.object({ imageId: z.string(), createdAt: z.string() });

const Item: z.ZodMiniType<Entry> = z.object({
  id: z.string(),
  rollout: z.optional(
    z.object({
      kind: z.enum(['out', 'back']),
      launchTemplateId: z.string(),
      version: z.int(),
      imageId: z.string(),
      previousVersion: z.int(),
      previousImageId: z.optional(z.string()),
      instanceName: z.string(),
      requestId: z.string(),
      at: z.string(),
      announced: z.boolean(),
    }),
  ),
  present: z.optional(Place),
  floor: z.optional(Place),
  told: z.optional(z.string()),
  instanceName: z.optional(z.string()),
});

/** Long enough for the calls between two writes; after a crash, nobody else is at work for this long. */
const LEASE_MS = 60_000;
const AGAIN_SECONDS = 5;

/** What is known of a launch template or a pointer, for whoever may change it now. */
export interface Lease {
  readonly entry: Entry;
  /** Writes down what changes; throws where somebody else has taken over meanwhile. */
  save(change: Partial<Entry>): Promise<void>;
}

/**
 * Does something to a launch template or a pointer that nobody else does at the same time: EC2 and SSM have no condition
 * by which the older of two writes could be refused. What is saved is what the next one finds.
 */
export async function underLease<Result>(
  TableName: string,
  id: string,
  act: (lease: Lease) => Promise<Result>,
): Promise<Result> {
  const owner = randomUUID();
  let entry = await take(TableName, id, owner);
  const write = async (lease: object) => {
    const Put = {
      TableName,
      Item: { ...entry, ...lease },
      ConditionExpression: '#owner = :owner',
      ExpressionAttributeNames: { '#owner': 'owner' },
      ExpressionAttributeValues: { ':owner': owner },
    };
    if (!(await held(table.send(new PutCommand(Put))))) throw busy(id);
  };
  const lease: Lease = {
    get entry() {
      return entry;
    },
    save: async (change) => {
      entry = { ...entry, ...change };
      await write({ owner, leaseUntil: Date.now() + LEASE_MS });
    },
  };
  try {
    return await act(lease);
  } finally {
    await write({});
  }
}

async function take(TableName: string, id: string, owner: string): Promise<Entry> {
  const now = Date.now();
  let found: unknown;
  const taking = table
    .send(
      new UpdateCommand({
        TableName,
        Key: { id },
        UpdateExpression: 'SET #owner = :owner, leaseUntil = :until',
        // The second try of the SDK, after a lost answer, finds the lease that the first one took.
        ConditionExpression: 'attribute_not_exists(leaseUntil) OR leaseUntil < :now OR #owner = :owner',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': owner, ':until': now + LEASE_MS, ':now': now },
        ReturnValues: 'ALL_NEW',
      }),
    )
    .then(({ Attributes }) => {
      found = Attributes;
    });
  if (!(await held(taking))) throw busy(id);
  return Item.parse(found);
}

const busy = (id: string) => new TryAgainLater(`Somebody else is at work on ${id}`, AGAIN_SECONDS);

/** What is known, without the intention to change it. */
export async function entryOf(TableName: string, id: string): Promise<Entry | undefined> {
  const { Item: item } = await table.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
  return item && Item.parse(item);
}

/** Remembers how far something came, for so many days. */
export async function remember(TableName: string, entry: Entry, days: number, now: Date): Promise<void> {
  await table.send(new PutCommand({ TableName, Item: { ...entry, expiresAt: inDays(days, now) } }));
}
