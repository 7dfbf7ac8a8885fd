import { describe, expect, it } from 'vitest';
import type { JandiCard } from '../../../shared/domain/card.ts';
import {
  rolledBackCard,
  rolledOutCard,
  rolloutFailedCard,
  rolloutPlannedCard,
  rolloutSucceededCard,
} from '../../../shared/domain/rollout/card.ts';
import { AmiRolledBack } from '../../../shared/events/ami-rolled-back.ts';
import { AmiRolledOut } from '../../../shared/events/ami-rolled-out.ts';
import { AmiRolloutFailed } from '../../../shared/events/ami-rollout-failed.ts';
import { AmiRolloutPlanned } from '../../../shared/events/ami-rollout-planned.ts';
import { AmiRolloutSucceeded } from '../../../shared/events/ami-rollout-succeeded.ts';
import { example } from '../../support/events.ts';

const out = AmiRolledOut.decode(example('ami-rolled-out'));
const back = AmiRolledBack.decode(example('ami-rolled-back'));
const succeeded = AmiRolloutSucceeded.decode(example('ami-rollout-succeeded'));
const failed = AmiRolloutFailed.decode(example('ami-rollout-failed'));
const planned = AmiRolloutPlanned.decode(example('ami-rollout-planned'));

const shown = ({ body, connectColor, connectInfo }: JandiCard) => [
  `${body} ${connectColor}`,
  ...connectInfo.flatMap(({ title, description }) => [title, ...description.split('\n')]),
];

describe('cards of rollouts', () => {
  it.each([
    [
      'rolled out',
      rolledOutCard(out),
      [
        'AMI Has Been Rolled Out. #28a745',
        'AMI Roll Out Complete.',
        'service-api',
        `Launch Template: ${out.launchTemplateId}`,
        `Version: 8, AMI ID: ${out.imageId}`,
        `Before: 7, AMI ID: ${out.previousImageId}`,
        `Request ID: ${out.requestId}`,
      ],
    ],
    [
      'rolled back',
      rolledBackCard(back),
      [
        'AMI Has Been Rolled Back. #007bff',
        'AMI Roll Back Complete.',
        'service-api',
        `Launch Template: ${back.launchTemplateId}`,
        `Version: 7, AMI ID: ${back.imageId}`,
        `Before: 8, AMI ID: ${back.previousImageId}`,
        `Rejected: ${back.previousImageId}`,
        'Request ID: incident-311',
      ],
    ],
    [
      'a group that is refreshed',
      rolloutSucceededCard(succeeded),
      [
        'Group Has Been Refreshed. #28a745',
        'Instance Refresh Complete.',
        'service-api: service-api-blue',
        `Launch Template: ${succeeded.launchTemplateId}`,
        `Version: 8, AMI ID: ${succeeded.imageId}`,
        `Before: 7, AMI ID: ${succeeded.previousImageId}`,
      ],
    ],
    [
      'a group that failed',
      rolloutFailedCard(failed),
      [
        'AMI Has Not Been Rolled Out. #dc3545',
        'AMI Roll Out Failed. refresh-rolled-back',
        failed.message,
        'Instance Name: service-api',
        'Group: service-api-green',
        `Launch Template: ${failed.launchTemplateId}`,
        `AMI ID: ${failed.imageId}`,
      ],
    ],
    [
      'a dry run',
      rolloutPlannedCard(planned),
      [
        'AMI Would Be Rolled Out. #007bff',
        'Dry Run: roll-out.',
        planned.message,
        'Instance Name: service-api',
        `Launch Template: ${planned.launchTemplateId}`,
        `AMI ID: ${planned.imageId}`,
      ],
    ],
  ])('%s', (_, card, lines) => {
    expect(shown(card)).toEqual(lines);
  });

  it.each([
    ['rolled out', rolledOutCard],
    ['rolled back', rolledBackCard],
  ])('%s: there was no image before', (_, card) => {
    const { previousImageId: _none, ...first } = out;
    const lines = shown(card(first));
    expect(lines).toContain('Before: 7, AMI ID: none');
    expect(lines.join('\n')).not.toMatch(/undefined|Rejected/);
  });

  it.each([
    ['a failure', shown(rolloutFailedCard({ code: 'timeout', message: 'Too long.' }))],
    ['a plan', shown(rolloutPlannedCard({ code: 'move', message: 'Too long.' }))],
  ])('%s of which nothing is known says so much', (_, lines) => {
    expect(lines.slice(2)).toEqual(['Too long.']);
  });
});
