import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { inDays, table } from './table.ts';

/** Under the id of an image, what its waiter writes while it waits; under the id of a builder, what its bake waits with. */
const Waiting = z.object({ id: z.string(), taskToken: z.string() });

export async function waitingToken(tableName: string, id: string): Promise<string | undefined> {
  const { Item } = await table.send(
    new GetCommand({ TableName: tableName, Key: { id }, ConsistentRead: true }),
  );
  return Item && Waiting.parse(Item).taskToken;
}

export async function keepToken(tableName: string, id: string, taskToken: string, now: Date): Promise<void> {
  const Item = { id, taskToken, expiresAt: inDays(1, now) };
  await table.send(new PutCommand({ TableName: tableName, Item }));
}
