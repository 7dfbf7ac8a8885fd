import { taggedImages } from '../../shared/aws/images.ts';
import { withImage } from '../../shared/aws/rollout/family.ts';
import { point } from '../../shared/aws/rollout/pointer.ts';
import { AmiAvailable } from '../../shared/events/ami-available.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { pointerEnvironment } from '../../shared/runtime/rollout-environment.ts';

const pointing = pointerEnvironment();

/** The SSM parameter of a name holds its newest image, for whatever follows without Amity. */
export const handler = consumer(AmiAvailable, async ({ instanceName, imageId }) =>
  point(instanceName, await withImage(await taggedImages(instanceName), imageId), pointing),
);
