import { restoredCard } from '../../shared/domain/card.ts';
import { AmiRestored } from '../../shared/events/ami-restored.ts';
import { notifier } from '../../shared/runtime/notifier.ts';

/** An image can come back more than once: once for each time that it was asked for. */
export const handler = notifier({
  event: AmiRestored,
  card: restoredCard,
  key: ({ imageId, region, requestedAt }) => [imageId, region, requestedAt],
});
