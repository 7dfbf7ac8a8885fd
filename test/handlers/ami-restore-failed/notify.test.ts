import { expect, it } from 'vitest';
import { handler } from '../../../handlers/ami-restore-failed/notify.ts';
import { example } from '../../support/events.ts';
import { receiving } from '../../support/receiving.ts';
import { deliver } from '../../support/world.ts';

const receiver = receiving();

const { imageId, ...detail } = example('ami-restore-failed').detail as Record<string, unknown>;
const failed = (overrides: object = {}) =>
  example('ami-restore-failed', { detail: { ...detail, imageId, ...overrides } });

it('tells which image did not come back, and why', async () => {
  expect(await deliver(handler, [failed()])).toEqual([]);
  expect(receiver.cards()).toMatchObject([
    {
      body: 'AMI Has Not Been Restored.',
      connectInfo: [
        {
          title: 'AMI Restore Failed. not-found',
          description: expect.stringMatching(/^AMI ID: ami-00000000000000001\n.*Recycle Bin\.$/),
        },
      ],
    },
  ]);
});

it('tells of a request that names no image at all', async () => {
  const nameless = example('ami-restore-failed', {
    detail: { ...detail, code: 'invalid-request', message: 'the whole must be an object' },
  });
  expect(await deliver(handler, [nameless])).toEqual([]);
  expect(receiver.cards()).toMatchObject([{ connectInfo: [{ description: 'the whole must be an object' }] }]);
});

it('tells each failure once', async () => {
  await deliver(handler, [failed()]);
  await deliver(handler, [failed(), failed({ requestedAt: '2025-06-21T09:15:00Z' })]);
  expect(receiver.cards()).toHaveLength(2);
});
