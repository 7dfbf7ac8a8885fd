import { cleanedCard } from '../../shared/domain/card.ts';
import { AmiCleaned } from '../../shared/events/ami-cleaned.ts';
import { notifier } from '../../shared/runtime/notifier.ts';

export const handler = notifier({
  event: AmiCleaned,
  card: cleanedCard,
  key: ({ runId, part }) => [runId, part],
});
