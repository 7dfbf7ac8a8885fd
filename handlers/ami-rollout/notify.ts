import {
  rolledBackCard,
  rolledOutCard,
  rolloutFailedCard,
  rolloutPlannedCard,
  rolloutSucceededCard,
} from '../../shared/domain/rollout/card.ts';
import { AmiRolledBack } from '../../shared/events/ami-rolled-back.ts';
import { AmiRolledOut } from '../../shared/events/ami-rolled-out.ts';
import { AmiRolloutFailed } from '../../shared/events/ami-rollout-failed.ts';
import { AmiRolloutPlanned } from '../../shared/events/ami-rollout-planned.ts';
import { AmiRolloutSucceeded } from '../../shared/events/ami-rollout-succeeded.ts';
import { notifierOf, shown } from '../../shared/runtime/notifier.ts';

/** Tells of rollouts and rollbacks, and of what became of the groups. */
export const handler = notifierOf('AmiRollout', [
  shown(AmiRolledOut, rolledOutCard),
  shown(AmiRolledBack, rolledBackCard),
  shown(AmiRolloutSucceeded, rolloutSucceededCard),
  shown(AmiRolloutFailed, rolloutFailedCard),
  shown(AmiRolloutPlanned, rolloutPlannedCard),
]);
