import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { stopClock } from './clock.ts';
import { FakeTable } from './fake-table.ts';
import { startReceiver } from './receiver.ts';

/** A receiver of cards whose URL is the parameter's, for a test file of a notify handler; empty before each test. */
export function receiving(): { cards(): unknown[] } {
  const ssm = mockClient(SSMClient);
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  stopClock();
  beforeAll(async () => {
    receiver = await startReceiver();
    ssm.on(GetParameterCommand).resolves({ Parameter: { Value: receiver.url } });
  });
  afterAll(() => receiver.close());
  beforeEach(() => {
    new FakeTable();
    receiver.received.length = 0;
  });
  return { cards: () => receiver.received.map(({ body }): unknown => JSON.parse(body)) };
}
