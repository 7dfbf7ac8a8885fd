import { expect, it } from 'vitest';
import { handler } from '../../../handlers/ami-restored/notify.ts';
import { example } from '../../support/events.ts';
import { receiving } from '../../support/receiving.ts';
import { deliver } from '../../support/world.ts';

const receiver = receiving();

const restored = (overrides: object = {}) =>
  example('ami-restored', { detail: { ...(example('ami-restored').detail as object), ...overrides } });

it('tells which image is back, and from what', async () => {
  expect(await deliver(handler, [restored({ undone: ['delete', 'deprecate'] })])).toEqual([]);
  expect(receiver.cards()).toMatchObject([
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
  expect(receiver.cards()).toHaveLength(3);
});
