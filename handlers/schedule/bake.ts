import middy from '@middy/core';
import * as z from 'zod/mini';
import { requestBake } from '../../shared/aws/bake/request-bake.ts';
import { environment, text } from '../../shared/runtime/environment.ts';
import { standingBakes } from '../../shared/runtime/standing-bakes.ts';

const env = environment({ BUS_NAME: text });
const bakes = standingBakes();

/** Which of the configuration's bakes it is the time of. */
const Call = z.object({ instanceName: z.string(), scheduledTime: z.string() });

/** Asks for a bake at its time. */
export const handler = middy(async (event: unknown): Promise<void> => {
  const { instanceName, scheduledTime } = Call.parse(event);
  const bake = bakes.find(({ request }) => request.instanceName === instanceName);
  if (!bake) throw new Error(`The configuration has no bake of ${instanceName} (any more)`);
  await requestBake(env.BUS_NAME, bake, scheduledTime);
});
