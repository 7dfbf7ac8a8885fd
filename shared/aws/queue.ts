import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { requestHandler } from './clients.ts';

const client = new SQSClient({ requestHandler });

/** Hides a message that is not yet done for so many seconds; the queue then delivers it again. */
export async function hide(queueUrl: string, record: SQSRecord, seconds: number): Promise<void> {
  await client.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl,
      ReceiptHandle: record.receiptHandle,
      VisibilityTimeout: seconds,
    }),
  );
}
