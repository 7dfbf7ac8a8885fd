import { restoreFailedCard } from '../../shared/domain/card.ts';
import { AmiRestoreFailed } from '../../shared/events/ami-restore-failed.ts';
import { notifier } from '../../shared/runtime/notifier.ts';

export const handler = notifier({
  event: AmiRestoreFailed,
  card: restoreFailedCard,
  key: (failed) => failed,
});
