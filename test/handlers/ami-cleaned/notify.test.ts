import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { handler } from '../../../handlers/ami-cleaned/notify.ts';
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

const cleaned = (overrides: object = {}) =>
  example('ami-cleaned', { detail: { ...(example('ami-cleaned').detail as object), ...overrides } });

it('tells what was cleaned', async () => {
  expect(await deliver(handler, [cleaned()])).toEqual([]);
  expect(receiver.received.map(({ body }) => JSON.parse(body))).toMatchObject([
    {
      body: 'AMI Has Been Cleaned.',
      connectInfo: [
        { description: 'Deleted: 1 (up to 8.0 GB), Disabled: 1, Deprecated: 1, Kept: 1, Failed: 1' },
        { title: 'Deleted' },
        { title: 'Disabled' },
        { title: 'Deprecated' },
        { title: 'Kept' },
        { title: 'Failed' },
      ],
    },
  ]);
});

it('tells each part of each run once', async () => {
  await deliver(handler, [cleaned({ parts: 2 })]);
  await deliver(handler, [
    cleaned({ parts: 2 }),
    cleaned({ parts: 2, part: 2 }),
    cleaned({ runId: 'another' }),
  ]);
  expect(receiver.received).toHaveLength(3);
});
