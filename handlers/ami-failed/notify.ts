import { failedCard } from '../../shared/domain/card.ts';
import { AmiFailed } from '../../shared/events/ami-failed.ts';
import { notifier } from '../../shared/runtime/notifier.ts';

/** The whole detail is the key: request ids are unique to whoever asks, not among all who ask. */
export const handler = notifier({ event: AmiFailed, card: failedCard, key: (failed) => failed });
