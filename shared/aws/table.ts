import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { requestHandler } from './clients.ts';

export const table = DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler, maxAttempts: 5 }), {
  marshallOptions: { removeUndefinedValues: true },
});

/** Epoch seconds, as DynamoDB's TTL wants them. */
export const inDays = (days: number, now: Date) => Math.floor(now.getTime() / 1000) + days * 86_400;

/** The result of a conditional write: false when its condition did not hold. */
export async function held(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    if (error instanceof TransactionCanceledException && error.CancellationReasons?.some(isCondition))
      return false;
    throw error;
  }
}

/** A transaction is cancelled for conflicts and throttling too: those pass. */
const isCondition = ({ Code }: { Code?: string | undefined }) => Code === 'ConditionalCheckFailed';
