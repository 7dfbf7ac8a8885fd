import { BatchWriteCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { ACTIONS } from '../../domain/retention/planned.ts';
import { BY_IMAGE, type Retired } from '../../domain/retention/retired.ts';
import { chunks } from '../../runtime/chunks.ts';
import { sleep } from '../../runtime/sleep.ts';
import { table } from '../table.ts';

const Tags = z.record(z.string(), z.string());

/** Epoch seconds, after which nobody needs it; a disabled image's is kept: it alone knows with whom it was shared. */
type Item = Retired & { readonly expiresAt?: number | undefined };

const Item: z.ZodMiniType<Retired> = z.object({
  runId: z.string(),
  id: z.string(),
  region: z.string(),
  action: z.enum(ACTIONS),
  at: z.string(),
  imageId: z.string(),
  imageName: z.string(),
  instanceName: z.string(),
  ageDays: z.number(),
  bytes: z.number(),
  tags: Tags,
  snapshotIds: z.array(z.string()),
  snapshotTags: z.record(z.string(), Tags),
  permissions: z.array(
    z.object({
      UserId: z.optional(z.string()),
      Group: z.optional(z.enum(['all'])),
      OrganizationArn: z.optional(z.string()),
      OrganizationalUnitArn: z.optional(z.string()),
    }),
  ),
  outcome: z.optional(z.enum(['done', 'gone', 'failed'])),
  deleted: z.optional(z.array(z.string())),
  failures: z.optional(z.array(z.object({ code: z.string(), message: z.string() }))),
});

/** DynamoDB takes 25 items a call. */
const MOST_ITEMS = 25;

/** Writes entries down, all of them or it throws. */
export async function record(tableName: string, entries: readonly Item[]): Promise<void> {
  for (const items of chunks(entries, MOST_ITEMS)) {
    let left: Record<string, unknown>[] = items.map((Item) => ({ PutRequest: { Item } }));
    for (let tries = 0; left.length > 0; tries += 1) {
      if (tries === 8) throw new Error(`DynamoDB left ${left.length} entries of ${tableName} unwritten`);
      if (tries > 0) await sleep(50 * 2 ** tries);
      const { UnprocessedItems = {} } = await table.send(
        new BatchWriteCommand({ RequestItems: { [tableName]: left } }),
      );
      left = UnprocessedItems[tableName] ?? [];
    }
  }
}

/** Everything that a run has written down. */
export const entriesOfRun = (TableName: string, runId: string): Promise<Retired[]> =>
  query({
    TableName,
    KeyConditionExpression: 'runId = :runId',
    ExpressionAttributeValues: { ':runId': runId },
    ConsistentRead: true,
  });

/** Everything that was ever done to an image, oldest first. */
export const entriesOfImage = (TableName: string, imageId: string): Promise<Retired[]> =>
  query({
    TableName,
    IndexName: BY_IMAGE,
    KeyConditionExpression: 'imageId = :imageId',
    ExpressionAttributeValues: { ':imageId': imageId },
  });

async function query(input: Parameters<typeof paginateQuery>[1]): Promise<Retired[]> {
  const found: Retired[] = [];
  for await (const { Items = [] } of paginateQuery({ client: table }, input))
    found.push(...Items.map((item) => Item.parse(item)));
  return found;
}
