import { availableCard } from '../../shared/domain/card.ts';
import { AmiAvailable } from '../../shared/events/ami-available.ts';
import { notifier } from '../../shared/runtime/notifier.ts';

export const handler = notifier({ event: AmiAvailable, card: availableCard, key: ({ imageId }) => imageId });
