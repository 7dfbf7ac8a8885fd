import { GetCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { BAKE_STAGES } from '../domain/bake/stages.ts';
import { FAILURE_CODES } from '../domain/failures.ts';
import type { RequestRecord } from '../domain/request.ts';
import { held, inDays, table } from './table.ts';

const Item: z.ZodMiniType<RequestRecord> = z.object({
  key: z.string(),
  requestId: z.string(),
  instanceName: z.string(),
  reason: z.string(),
  stamp: z.string(),
  clash: z.optional(z.string()),
  namedByAttempt: z.boolean(),
  state: z.enum(['creating', 'created', 'available', 'failed', 'superseded']),
  attempt: z.int(),
  version: z.int(),
  noReboot: z.boolean(),
  tags: z.record(z.string(), z.string()),
  requestedAt: z.string(),
  owner: z.string(),
  leaseUntil: z.number(),
  announced: z.boolean(),
  replayName: z.optional(z.string()),
  imageId: z.optional(z.string()),
  instanceId: z.optional(z.string()),
  wantedInstanceId: z.optional(z.string()),
  failure: z.optional(
    z.object({
      code: z.enum(FAILURE_CODES),
      message: z.string(),
      stage: z.optional(z.enum(BAKE_STAGES)),
      output: z.optional(z.string()),
    }),
  ),
  bake: z.optional(
    z.object({
      baseImage: z.string(),
      userData: z.string(),
      instanceType: z.string(),
      subnetIds: z.array(z.string()),
      securityGroupIds: z.array(z.string()),
      instanceProfile: z.string(),
      volumeSizeGib: z.optional(z.int()),
      encrypted: z.boolean(),
      kmsKeyId: z.optional(z.string()),
      timeoutMinutes: z.int(),
      validate: z.optional(z.string()),
      baseImageId: z.optional(z.string()),
    }),
  ),
});
const ImageItem = z.object({ requestKey: z.string() });

const imageKey = (imageId: string) => `image#${imageId}`;

/**
 * The table of requests holds an item for each request, and one for each image that leads to its request,
 * because an event about an image does not say who asked for it.
 */
export async function requestOf(tableName: string, key: string): Promise<RequestRecord | undefined> {
  const item = await read(tableName, key);
  return item && Item.parse(item);
}

export async function requestKeyOfImage(tableName: string, imageId: string): Promise<string | undefined> {
  const item = await read(tableName, imageKey(imageId));
  return item && ImageItem.parse(item).requestKey;
}

/** The request that an image was made for. */
export async function requestOfImage(tableName: string, imageId: string): Promise<RequestRecord | undefined> {
  const key = await requestKeyOfImage(tableName, imageId);
  return key ? requestOf(tableName, key) : undefined;
}

export interface RequestTable {
  readonly tableName: string;
  /** How long an item is kept after its last change: longer than the archive can replay. */
  readonly recordDays: number;
}

/**
 * Writes a record unless somebody else wrote since it was read: then it gives nothing and has changed
 * nothing. A record that has an image is written together with the image's own item.
 */
export async function saveRequest(
  { tableName, recordDays }: RequestTable,
  record: RequestRecord,
  now: Date,
): Promise<RequestRecord | undefined> {
  const next = { ...record, version: record.version + 1 };
  const expiresAt = inDays(recordDays, now);
  const Put = {
    TableName: tableName,
    Item: { ...next, expiresAt },
    ...(record.version === 0
      ? { ConditionExpression: 'attribute_not_exists(#key)', ExpressionAttributeNames: { '#key': 'key' } }
      : {
          ConditionExpression: '#version = :version',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':version': record.version },
        }),
  };
  const image = record.imageId && {
    TableName: tableName,
    Item: { key: imageKey(record.imageId), requestKey: record.key, expiresAt },
  };
  const write = image
    ? table.send(new TransactWriteCommand({ TransactItems: [{ Put }, { Put: image }] }))
    : table.send(new PutCommand(Put));
  return (await held(write)) ? next : undefined;
}

async function read(TableName: string, key: string) {
  const { Item } = await table.send(new GetCommand({ TableName, Key: { key }, ConsistentRead: true }));
  return Item;
}
