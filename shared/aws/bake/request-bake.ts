import { isNewlyBased } from '../../domain/bake/newly-based.ts';
import { AmiBakeRequested } from '../../events/ami-bake-requested.ts';
import { hashOf } from '../../events/request-key.ts';
import { log } from '../../runtime/log.ts';
import type { StandingBake } from '../../runtime/standing-bakes.ts';
import { publish } from '../bus.ts';
import { taggedImages } from '../images.ts';
import { resolveBaseImage } from './base-image.ts';

/**
 * Asks for a bake of the configuration's, unless its base image is the one that the newest image was baked from and it is
 * to be baked only for a new one. What set it off is in its request id: told twice, it is one request.
 */
export async function requestBake(
  busName: string,
  { request, onlyWhenBaseImageChanged }: StandingBake,
  occasion: string,
): Promise<void> {
  const { instanceName, baseImage } = request;
  if (onlyWhenBaseImageChanged) {
    const baseImageId = await resolveBaseImage(baseImage);
    // One that is not there is told by the bake, as AmiFailed.
    if (baseImageId && !isNewlyBased(instanceName, baseImageId, await taggedImages(instanceName))) {
      log.info('The newest image was baked from that base image already', { instanceName, baseImageId });
      return;
    }
  }
  const requestId = `bake-${hashOf(instanceName, occasion)}`;
  await publish(busName, AmiBakeRequested.encode({ ...request, requestId }));
  log.info('A bake was asked for', { instanceName, requestId });
}
