import {
  ChangeMessageVisibilityCommand,
  type ChangeMessageVisibilityCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { Calls } from './calls.ts';

/** The queue in memory: for how many seconds each message was hidden, by its receipt handle. */
export class FakeQueue {
  readonly mock = mockClient(SQSClient);
  readonly hidden: { handle: string | undefined; seconds: number | undefined }[] = [];

  constructor(calls = new Calls()) {
    this.mock
      .on(ChangeMessageVisibilityCommand)
      .callsFake(({ ReceiptHandle, VisibilityTimeout }: ChangeMessageVisibilityCommandInput) =>
        calls.through('Hide', () => {
          this.hidden.push({ handle: ReceiptHandle, seconds: VisibilityTimeout });
          return {};
        }),
      );
  }
}
