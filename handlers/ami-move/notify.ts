import { movedCard, moveFailedCard } from '../../shared/domain/move/card.ts';
import { AmiMoveFailed } from '../../shared/events/ami-move-failed.ts';
import { AmiMoved } from '../../shared/events/ami-moved.ts';
import { notifierOf, shown } from '../../shared/runtime/notifier.ts';

export const handler = notifierOf('AmiMove', [
  shown(AmiMoved, movedCard),
  shown(AmiMoveFailed, moveFailedCard),
]);
