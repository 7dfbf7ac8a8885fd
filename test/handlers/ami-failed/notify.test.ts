import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { handler } from '../../../handlers/ami-failed/notify.ts';
import { stopClock } from '../../support/clock.ts';
import { example } from '../../support/events.ts';
import { FakeTable } from '../../support/fake-table.ts';
import { startReceiver } from '../../support/receiver.ts';
import { deliver } from '../../support/world.ts';

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

const failed = (overrides: object = {}) =>
  example('ami-failed', { detail: { ...(example('ami-failed').detail as object), ...overrides } });

it('tells what failed and why', async () => {
  expect(await deliver(handler, [failed()])).toEqual([]);
  expect(receiver.received.map(({ body }) => JSON.parse(body))).toMatchObject([
    {
      body: 'AMI Has Failed.',
      connectInfo: [{ title: 'AMI Create Failed. no-running-instance' }],
    },
  ]);
});

it('tells each attempt once, and two who share a request id apart', async () => {
  await deliver(handler, [failed()]);
  await deliver(handler, [failed(), failed({ attempt: 2 }), failed({ instanceName: 'service-worker' })]);
  expect(receiver.received).toHaveLength(3);
});
