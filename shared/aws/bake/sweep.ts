import { type Overdue, overdue } from '../../domain/bake/builder.ts';
import { log } from '../../runtime/log.ts';
import { builders, consoleOf, terminate } from './builders.ts';
import { deleteOverdueGroups } from './network.ts';

/**
 * Terminates the builders that nobody took away in time, and deletes what was made for them: whatever became of the workflow,
 * none stays. One that is still awaited fails its bake by EC2's event. Throws, when all was tried, with what could not be done.
 */
export async function sweepBuilders(now: Date): Promise<void> {
  const left = overdue(await builders(), now);
  const swept = await Promise.allSettled([...left.map(terminated), deleteOverdueGroups(now)]);
  const errors = swept.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join('; '));
}

async function terminated({ builder, why }: Overdue): Promise<void> {
  const output = await consoleOf(builder.instanceId).catch(() => undefined);
  log.warn('A builder was left behind, and is terminated', { builder, why, output });
  await terminate(builder.instanceId);
}
