import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EventBridgeClient, PutEventsCommand, type PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import { SSMClient } from '@aws-sdk/client-ssm';
import {
  BatchWriteCommand,
  type BatchWriteCommandInput,
  DynamoDBDocumentClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';

/** Everything but EC2 answers at once: the journal, the switch (on), the bus, and Auto Scaling, which has no group. */
export function answerAtOnce(): void {
  const journal = new Map<unknown, Map<unknown, Record<string, unknown>>>();
  mockClient(DynamoDBDocumentClient)
    .on(BatchWriteCommand)
    .callsFake(({ RequestItems = {} }: BatchWriteCommandInput) => {
      for (const { PutRequest } of Object.values(RequestItems).flat()) {
        const item = PutRequest?.Item ?? {};
        const run = journal.get(item.runId) ?? new Map();
        journal.set(item.runId, run.set(item.id, item));
      }
      return {};
    })
    .on(QueryCommand)
    .callsFake(({ ExpressionAttributeValues = {} }: QueryCommandInput) => ({
      Items: [...(journal.get(ExpressionAttributeValues[':runId'])?.values() ?? [])],
    }));
  mockClient(SSMClient)
    .onAnyCommand()
    .resolves({ Parameter: { Value: 'on' } });
  mockClient(AutoScalingClient).onAnyCommand().resolves({});
  mockClient(EventBridgeClient)
    .on(PutEventsCommand)
    .callsFake(({ Entries = [] }: PutEventsCommandInput) => ({ Entries: Entries.map(() => ({})) }));
}
