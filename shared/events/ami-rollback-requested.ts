import * as z from 'zod/mini';
import { defineEvent } from './event.ts';
import * as field from './fields.ts';
import { launchTemplateId, version } from './rollout-fields.ts';

const rollback = {
  /** The default that is wanted; without it, the one before the present. Of a name, only where one template follows it. */
  version: z.optional(version),
  requestId: z.optional(field.requestId),
};

export const AmiRollbackRequested = defineEvent({
  detailType: 'AmiRollbackRequested',
  summary:
    'Somebody wants the version before back: of every launch template that follows an `instanceName`, or of one `launchTemplateId`; one of both is named. May come from any source in this account.',
  schema: z
    .object({
      instanceName: z.optional(field.instanceName),
      launchTemplateId: z.optional(launchTemplateId),
      ...rollback,
    })
    .check(
      z.refine(
        (detail) => (detail.instanceName === undefined) !== (detail.launchTemplateId === undefined),
        'must name either an instanceName or a launchTemplateId',
      ),
    ),
});
export type AmiRollbackRequested = z.infer<typeof AmiRollbackRequested.schema>;
