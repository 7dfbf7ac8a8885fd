import type { AmiMoveFailed } from '../../events/ami-move-failed.ts';
import type { AmiMoved } from '../../events/ami-moved.ts';
import { card, GREEN, type JandiCard, RED } from '../card.ts';

export const movedCard = (moved: AmiMoved): JandiCard =>
  card(GREEN, 'Instance Has Been Moved.', 'Instance Move Complete.', [
    `Instance Name: ${moved.instanceName}`,
    `From: ${moved.sourceInstanceId}${moved.sourceStopped ? ', which is stopped' : ', which runs on'}`,
    `To: ${moved.instanceId} in ${moved.subnetId}`,
    `AMI ID: ${moved.imageId}`,
  ]);

export const moveFailedCard = (failed: AmiMoveFailed): JandiCard =>
  card(RED, 'Instance Has Not Been Moved.', `Instance Move Failed. ${failed.code}`, [
    failed.message,
    failed.sourceInstanceId && `From: ${failed.sourceInstanceId}, which runs on`,
    failed.instanceId && `To: ${failed.instanceId}, which stays`,
  ]);
