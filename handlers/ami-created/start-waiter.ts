import { requestOfImage } from '../../shared/aws/request-store.ts';
import { startExecution } from '../../shared/aws/state-machine.ts';
import { AmiCreated } from '../../shared/events/ami-created.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { environment, text } from '../../shared/runtime/environment.ts';
import { log } from '../../shared/runtime/log.ts';

const env = environment({ REQUESTS_TABLE: text, WAITER_ARN: text });

/** Starts a waiter for an image that its request still waits for: not again after a replay or a duplicate. */
export const handler = consumer(AmiCreated, async (created) => {
  const { imageId, attempt } = created;
  const request = await requestOfImage(env.REQUESTS_TABLE, imageId);
  if (request?.state !== 'created' || request.imageId !== imageId || request.attempt !== attempt) {
    log.info('No request waits for this image', {
      imageId,
      attempt,
      state: request?.state ?? 'unknown',
    });
    return;
  }
  await startExecution(env.WAITER_ARN, `${imageId}-${attempt}`, {
    ...created,
    requestKey: request.key,
    ...(request.bake?.validate && { validates: true }),
  });
});
