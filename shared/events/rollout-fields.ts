import * as z from 'zod/mini';
import * as field from './fields.ts';

export const launchTemplateId = z
  .string()
  .check(z.regex(/^lt-[0-9a-f]{8,17}$/, 'must be a launch template id, lt-…'));

/** Of a launch template: EC2 counts from 1. */
export const version = z.int('must be a whole number').check(z.gte(1, 'must be at least 1'));

/** What a rollout, or a rollback, made of a launch template. */
export const rolloutDetail = {
  launchTemplateId,
  /** The template's default from now on. */
  version,
  imageId: field.imageId,
  previousVersion: version,
  /** Nothing, where the version before named no image. */
  previousImageId: z.optional(z.string()),
  instanceName: z.string(),
  /** Of the request that the image was made for; without one, the image's id. Of a rollback, its own. */
  requestId: z.string(),
};

/** The same as far as it is known, of what was not, or not yet, done. */
export const partialRollout = {
  launchTemplateId: z.optional(z.string()),
  version: z.optional(version),
  imageId: z.optional(z.string()),
  previousVersion: z.optional(version),
  previousImageId: z.optional(z.string()),
  instanceName: z.optional(z.string()),
  requestId: z.optional(z.string()),
  autoScalingGroupName: z.optional(z.string()),
  /** Of a move, or a consistent backup. */
  instanceId: z.optional(z.string()),
  /** Of the pointer. */
  parameterName: z.optional(z.string()),
};
