import * as z from 'zod/mini';
import type { Envelope } from './event.ts';

/**
 * Step Functions' own event, on the account's default bus, best effort.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
const schema = z.object({
  name: z.string(),
  stateMachineArn: z.string(),
  status: z.string(),
  /** JSON; nothing where it is too large. */
  input: z.nullish(z.string()),
});

export const StatesExecutionChange = {
  source: 'aws.states',
  detailType: 'Step Functions Execution Status Change',
  /** The ends that are no success. */
  broken: ['FAILED', 'TIMED_OUT', 'ABORTED'],
  decode: (envelope: Envelope) => schema.parse(envelope.detail),
};
