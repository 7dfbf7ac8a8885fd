import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Envelope } from '../../shared/events/event.ts';
import { Calls } from './calls.ts';
import { lambdaContext, sqsEvent } from './events.ts';
import { FakeBus } from './fake-bus.ts';
import { FakeEc2 } from './fake-ec2.ts';
import { FakeQueue } from './fake-queue.ts';
import { FakeTable } from './fake-table.ts';

/** Everything that create-image touches, in memory, behind one gate through which every call passes. */
export class World {
  readonly calls = new Calls();
  readonly ec2 = new FakeEc2(this.calls);
  readonly bus = new FakeBus(this.calls);
  readonly table = new FakeTable(this.calls);
  readonly queue = new FakeQueue(this.calls);

  /** The records of requests, without those that lead from images to them. */
  get requests() {
    return [...this.table.found('requests', 'request#'), ...this.table.found('requests', 'refused#')];
  }
}

type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** Calls a consumer as Lambda does; gives the ids of the messages that are to be delivered again. */
export async function deliver(
  handler: Handler,
  messages: readonly (Envelope | SQSRecord)[],
  context: Context = lambdaContext(),
): Promise<string[]> {
  const { batchItemFailures } = await handler(sqsEvent(messages), context);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}
