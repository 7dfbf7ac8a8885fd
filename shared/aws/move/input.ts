import * as z from 'zod/mini';
import type { MoveFailure } from '../../domain/move/failures.ts';
import * as field from '../../events/fields.ts';

/** What the workflow of a move is started with, and what its steps have found. */
export const Move = z.object({
  requestId: z.string(),
  sourceInstanceId: field.instanceId,
  subnetId: field.subnetId,
  stopSource: z.boolean(),
  /** Of the request for the image. */
  imageRequestId: field.requestId,
});
export type Move = z.infer<typeof Move>;

/** What a step says: how it failed; that there is more to wait for; or what it has found. */
export type Step<Found> = { readonly failed: MoveFailure } | { readonly pending: true } | Found;
