import { expect, it } from 'vitest';
import { handler } from '../../../handlers/ami-cleaned/notify.ts';
import { example } from '../../support/events.ts';
import { receiving } from '../../support/receiving.ts';
import { deliver } from '../../support/world.ts';

const receiver = receiving();

const cleaned = (overrides: object = {}) =>
  example('ami-cleaned', { detail: { ...(example('ami-cleaned').detail as object), ...overrides } });

it('tells what was cleaned', async () => {
  expect(await deliver(handler, [cleaned()])).toEqual([]);
  expect(receiver.cards()).toMatchObject([
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
  expect(receiver.cards()).toHaveLength(3);
});
