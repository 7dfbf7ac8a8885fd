import { expect, it } from 'vitest';
import { movedCard, moveFailedCard } from '../../../shared/domain/move/card.ts';
import { AmiMoveFailed } from '../../../shared/events/ami-move-failed.ts';
import { AmiMoved } from '../../../shared/events/ami-moved.ts';
import { example } from '../../support/events.ts';

const moved = AmiMoved.decode(example('ami-moved'));
const failed = AmiMoveFailed.decode(example('ami-move-failed'));

it.each([
  [true, 'which is stopped'],
  [false, 'which runs on'],
])('the card of a move: the source was stopped is %s', (sourceStopped, said) => {
  expect(movedCard({ ...moved, sourceStopped })).toEqual({
    body: 'Instance Has Been Moved.',
    connectColor: '#28a745',
    connectInfo: [
      {
        title: 'Instance Move Complete.',
        description: [
          'Instance Name: service-api',
          `From: ${moved.sourceInstanceId}, ${said}`,
          `To: ${moved.instanceId} in ${moved.subnetId}`,
          `AMI ID: ${moved.imageId}`,
        ].join('\n'),
      },
    ],
  });
});

it('the card of a move that failed says why, and what runs now', () => {
  expect(moveFailedCard(failed)).toEqual({
    body: 'Instance Has Not Been Moved.',
    connectColor: '#dc3545',
    connectInfo: [
      {
        title: 'Instance Move Failed. unhealthy',
        description: [
          failed.message,
          `From: ${failed.sourceInstanceId}, which runs on`,
          `To: ${failed.instanceId}, which stays`,
        ].join('\n'),
      },
    ],
  });
});

it('the card of a request that is none names no instance', () => {
  const card = moveFailedCard({ code: 'invalid-request', message: 'No.', requestId: 'one' });
  expect(card.connectInfo[0]?.description).toBe('No.');
});
