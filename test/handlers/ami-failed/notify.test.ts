import { expect, it } from 'vitest';
import { handler } from '../../../handlers/ami-failed/notify.ts';
import { example } from '../../support/events.ts';
import { receiving } from '../../support/receiving.ts';
import { deliver } from '../../support/world.ts';

const receiver = receiving();

const failed = (overrides: object = {}) =>
  example('ami-failed', { detail: { ...(example('ami-failed').detail as object), ...overrides } });

it('tells what failed and why', async () => {
  expect(await deliver(handler, [failed()])).toEqual([]);
  expect(receiver.cards()).toMatchObject([
    {
      body: 'AMI Has Failed.',
      connectInfo: [{ title: 'AMI Create Failed. no-running-instance' }],
    },
  ]);
});

it('tells each attempt once, and two who share a request id apart', async () => {
  await deliver(handler, [failed()]);
  await deliver(handler, [failed(), failed({ attempt: 2 }), failed({ instanceName: 'service-worker' })]);
  expect(receiver.cards()).toHaveLength(3);
});
