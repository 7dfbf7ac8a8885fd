import * as z from 'zod/mini';
import type { Envelope } from './event.ts';

/**
 * Parameter Store's own event, on the account's default bus, best effort; none for the public parameters of AWS.
 * Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
 */
const schema = z.object({
  name: z.string(),
  operation: z.string(),
  /** Of a parameter that holds an image id: why its value was refused. It is as it was, then. */
  exception: z.optional(z.string()),
});

export const SsmParameterChange = {
  source: 'aws.ssm',
  detailType: 'Parameter Store Change',
  /** After which the parameter has a value. */
  writing: ['Create', 'Update'],
  decode: (envelope: Envelope) => schema.parse(envelope.detail),
};
