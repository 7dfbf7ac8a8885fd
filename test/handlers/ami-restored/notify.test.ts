import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { handler } from '../../../handlers/ami-restored/notify.ts';
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

const restored = (overrides: object = {}) =>
  example('ami-restored', { detail: { ...(example('ami-restored').detail as object), ...overrides } });

it('tells which image is back, and from what', async () => {
  expect(await deliver(handler, [restored({ undone: ['delete', 'deprecate'] })])).toEqual([]);
  expect(receiver.received.map(({ body }) => JSON.parse(body))).toMatchObject([
    {
      body: 'AMI Has Been Restored.',
      connectInfo: [{ description: expect.stringContaining('Undone: delete, deprecate') }],
    },
  ]);
});

it('tells it once for each time that it was asked for', async () => {
  await deliver(handler, [restored()]);
  await deliver(handler, [
    // Another delivery finds it in service already.
    restored({ undone: [] }),
    restored({ requestedAt: '2025-06-21T09:15:00Z' }),
    restored({ region: 'eu-west-1' }),
  ]);
  expect(receiver.received).toHaveLength(3);
});
