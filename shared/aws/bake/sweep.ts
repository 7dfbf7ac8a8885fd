import { overdue } from '../../domain/bake/builder.ts';
import { log } from '../../runtime/log.ts';
import { builders, consoleOf, terminate } from './builders.ts';
import { deleteOverdueGroups } from './network.ts';

/**
 * Terminates the builders that nobody took away in time, and deletes what was made for them: whatever became of the workflow,
 * none stays. One that is still awaited fails its bake by EC2's event.
 */
export async function sweepBuilders(now: Date): Promise<[]> {
  for (const { builder, why } of overdue(await builders(), now)) {
    const output = await consoleOf(builder.instanceId).catch(() => undefined);
    log.warn('A builder was left behind, and is terminated', { builder, why, output });
    await terminate(builder.instanceId);
  }
  const groups = await deleteOverdueGroups(now);
  if (groups.length > 0)
    log.warn('Security groups of builders were left behind, and are deleted', { groups });
  return [];
}
