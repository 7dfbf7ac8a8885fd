import middy from '@middy/core';
import { publish } from '../../shared/aws/bus.ts';
import { Move, type Step } from '../../shared/aws/move/input.ts';
import { factsOf, instanceById, subnetById } from '../../shared/aws/move/source.ts';
import { roleRefused } from '../../shared/aws/rollout/roles.ts';
import { MOVE_REASON } from '../../shared/domain/backup/reasons.ts';
import { cannotMove } from '../../shared/domain/move/move.ts';
import { AmiRequested } from '../../shared/events/ami-requested.ts';
import { environment, text } from '../../shared/runtime/environment.ts';
import { instanceRoles } from '../../shared/runtime/rollout-environment.ts';

const env = environment({ BUS_NAME: text });
const roles = instanceRoles();

/** Looks whether an instance can be moved, and asks for an image of it, with a reboot: of that request there is one, however often. */
export const handler = middy(async (event: unknown): Promise<Step<{ instanceName: string }>> => {
  const { sourceInstanceId, subnetId, imageRequestId } = Move.parse(event);
  const [instance, subnet] = await Promise.all([instanceById(sourceInstanceId), subnetById(subnetId)]);
  const source = instance && factsOf(instance);
  const profile = instance?.IamInstanceProfile?.Arn?.split('/').at(-1);
  const refused = cannotMove(source, subnet) ?? (await roleRefused(profile, roles));
  if (refused) return { failed: refused };
  const instanceName = source?.name ?? '';
  const request = AmiRequested.encode({
    instanceName,
    instanceId: sourceInstanceId,
    requestId: imageRequestId,
    reason: MOVE_REASON,
    noReboot: false,
  });
  await publish(env.BUS_NAME, request);
  return { instanceName };
});
