import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import middy from '@middy/core';
import * as z from 'zod/mini';
import { ec2 } from '../../shared/aws/ec2.ts';
import { Move, type Step } from '../../shared/aws/move/input.ts';
import { instanceById, statusOf } from '../../shared/aws/move/source.ts';
import { tag } from '../../shared/aws/tag-images.ts';
import { healthOf, MOVED_TO_TAG } from '../../shared/domain/move/move.ts';

const Question = z.extend(Move, { instanceId: z.string(), since: z.iso.datetime({ offset: true }) });

/** Once the new instance has passed its status checks, stops the source, if that was asked for. It is never terminated. */
export const handler = middy(async (event: unknown): Promise<Step<{ moved: true }>> => {
  const { instanceId, since, sourceInstanceId, stopSource } = Question.parse(event);
  const health = healthOf(await statusOf(instanceId), new Date(since), new Date());
  if (!health) return { pending: true };
  if (health !== 'healthy') return { failed: health };
  if (stopSource) await stop(sourceInstanceId, instanceId);
  return { moved: true };
});

/** The role may stop only what says so itself. Gone, or stopped already: so much the better. */
async function stop(sourceInstanceId: string, instanceId: string): Promise<void> {
  const source = await instanceById(sourceInstanceId);
  if (source?.State?.Name !== 'running') return;
  await tag([sourceInstanceId], { [MOVED_TO_TAG]: instanceId });
  await ec2.send(new StopInstancesCommand({ InstanceIds: [sourceInstanceId] }));
}
