import { expect, it } from 'vitest';
import { handler } from '../../../handlers/ami-move/notify.ts';
import { example } from '../../support/events.ts';
import { receiving } from '../../support/receiving.ts';
import { deliver } from '../../support/world.ts';

const receiver = receiving();

it.each([
  ['ami-moved', 'Instance Has Been Moved.'],
  ['ami-move-failed', 'Instance Has Not Been Moved.'],
])('%s has its card, once', async (name, body) => {
  expect(await deliver(handler, [example(name)])).toEqual([]);
  expect(await deliver(handler, [example(name, { 'replay-name': 'a-month' })])).toEqual([]);
  expect(receiver.cards()).toMatchObject([{ body }]);
});

it('another event has no card', async () => {
  expect(await deliver(handler, [example('ami-available')])).toHaveLength(1);
  expect(receiver.cards()).toEqual([]);
});
