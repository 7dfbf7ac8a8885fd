import type { AmiRolledBack } from '../../events/ami-rolled-back.ts';
import type { AmiRolledOut } from '../../events/ami-rolled-out.ts';
import type { AmiRolloutFailed } from '../../events/ami-rollout-failed.ts';
import type { AmiRolloutPlanned } from '../../events/ami-rollout-planned.ts';
import type { AmiRolloutSucceeded } from '../../events/ami-rollout-succeeded.ts';
import { BLUE, card, GREEN, type JandiCard, RED } from '../card.ts';

export const rolledOutCard = (rolled: AmiRolledOut): JandiCard =>
  card(GREEN, 'AMI Has Been Rolled Out.', 'AMI Roll Out Complete.', [
    rolled.instanceName,
    ...versions(rolled),
    `Request ID: ${rolled.requestId}`,
  ]);

export const rolledBackCard = (rolled: AmiRolledBack): JandiCard =>
  card(BLUE, 'AMI Has Been Rolled Back.', 'AMI Roll Back Complete.', [
    rolled.instanceName,
    ...versions(rolled),
    rolled.previousImageId && `Rejected: ${rolled.previousImageId}`,
    `Request ID: ${rolled.requestId}`,
  ]);

export const rolloutSucceededCard = (rolled: AmiRolloutSucceeded): JandiCard =>
  card(GREEN, 'Group Has Been Refreshed.', 'Instance Refresh Complete.', [
    `${rolled.instanceName}: ${rolled.autoScalingGroupName}`,
    ...versions(rolled),
  ]);

export const rolloutFailedCard = (failed: AmiRolloutFailed): JandiCard =>
  card(RED, 'AMI Has Not Been Rolled Out.', `AMI Roll Out Failed. ${failed.code}`, [
    failed.message,
    ...about(failed),
  ]);

export const rolloutPlannedCard = (planned: AmiRolloutPlanned): JandiCard =>
  card(BLUE, 'AMI Would Be Rolled Out.', `Dry Run: ${planned.code}.`, [planned.message, ...about(planned)]);

const about = (some: AmiRolloutFailed | AmiRolloutPlanned) => [
  some.instanceName && `Instance Name: ${some.instanceName}`,
  some.autoScalingGroupName && `Group: ${some.autoScalingGroupName}`,
  some.launchTemplateId && `Launch Template: ${some.launchTemplateId}`,
  some.imageId && `AMI ID: ${some.imageId}`,
];

const versions = (rolled: AmiRolledOut) => [
  `Launch Template: ${rolled.launchTemplateId}`,
  `Version: ${rolled.version}, AMI ID: ${rolled.imageId}`,
  `Before: ${rolled.previousVersion}, AMI ID: ${rolled.previousImageId ?? 'none'}`,
];
