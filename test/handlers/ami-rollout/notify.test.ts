import { describe, expect, it } from 'vitest';
import { handler } from '../../../handlers/ami-rollout/notify.ts';
import { example } from '../../support/events.ts';
import { receiving } from '../../support/receiving.ts';
import { deliver } from '../../support/world.ts';

const receiver = receiving();

const event = (name: string, overrides: object = {}) =>
  example(name, { detail: { ...(example(name).detail as object), ...overrides } });

describe('each of the events has its card', () => {
  it.each([
    ['ami-rolled-out', 'AMI Has Been Rolled Out.'],
    ['ami-rolled-back', 'AMI Has Been Rolled Back.'],
    ['ami-rollout-succeeded', 'Group Has Been Refreshed.'],
    ['ami-rollout-failed', 'AMI Has Not Been Rolled Out.'],
    ['ami-rollout-planned', 'AMI Would Be Rolled Out.'],
  ])('%s', async (name, body) => {
    expect(await deliver(handler, [event(name)])).toEqual([]);
    expect(receiver.cards()).toMatchObject([{ body, connectInfo: [{ description: expect.any(String) }] }]);
  });
});

it('tells each event once, and two that differ apart', async () => {
  const out = event('ami-rolled-out');
  await deliver(handler, [out]);
  await deliver(handler, [{ ...out, id: 'again', time: '2025-07-01T00:00:00Z', 'replay-name': 'a-month' }]);
  expect(receiver.cards()).toHaveLength(1);
  await deliver(handler, [event('ami-rolled-out', { launchTemplateId: 'lt-0000000000000000f' })]);
  await deliver(handler, [{ ...out, 'detail-type': 'AmiRolledBack' }]);
  expect(receiver.cards()).toHaveLength(3);
});

it('another event has no card: again later, and in the end seen', async () => {
  expect(await deliver(handler, [event('ami-available')])).toHaveLength(1);
  expect(receiver.cards()).toEqual([]);
});
