import { imageById } from '../../shared/aws/images.ts';
import { availableCard } from '../../shared/domain/card.ts';
import { instanceNameOf } from '../../shared/domain/ownership.ts';
import { AmiAvailable } from '../../shared/events/ami-available.ts';
import { notifier } from '../../shared/runtime/notifier.ts';

export const handler = notifier({
  event: AmiAvailable,
  card: availableCard,
  key: ({ imageId }) => imageId,
  stillSo: async ({ imageId, imageName, instanceName }) => {
    const image = await imageById(imageId);
    if (image?.state !== 'available' || image.imageName !== imageName) return false;
    return instanceNameOf(image.tags) === instanceName;
  },
});
