import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { table } from './table.ts';

/** What the waiter's state machine writes under the image's id while it waits. */
const Waiting = z.object({ imageId: z.string(), taskToken: z.string() });

export async function waitingToken(tableName: string, imageId: string): Promise<string | undefined> {
  const { Item } = await table.send(
    new GetCommand({ TableName: tableName, Key: { imageId }, ConsistentRead: true }),
  );
  return Item && Waiting.parse(Item).taskToken;
}
