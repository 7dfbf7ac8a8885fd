import { requestBake } from '../../shared/aws/bake/request-bake.ts';
import { parameterOf } from '../../shared/domain/bake/base-image.ts';
import { SsmParameterChange } from '../../shared/events/ssm-parameter-change.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { environment, text } from '../../shared/runtime/environment.ts';
import { standingBakes } from '../../shared/runtime/standing-bakes.ts';

const env = environment({ BUS_NAME: text });
const bakes = standingBakes();

/** Asks for the bakes whose base image is behind the parameter that was written. */
export const handler = consumer(SsmParameterChange, async ({ name, exception }, { envelope }) => {
  if (exception !== undefined) return;
  const concerned = bakes.filter(({ request }) => parameterOf(request.baseImage) === name);
  for (const bake of concerned) await requestBake(env.BUS_NAME, bake, envelope.id);
});
