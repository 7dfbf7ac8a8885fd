import { isEnding } from '../../domain/bake/builder.ts';
import { builders, terminate } from './builders.ts';
import { deleteGroups } from './network.ts';

/** Looks for builders; a builder that was just started may not be seen by the first. */
const LOOKS = 3;

/** Terminates what a bake has started, and deletes what it has made; true once nothing of it is left. @param look from 1 */
export async function tearDown(bake: string, look: number): Promise<boolean> {
  const found = await builders(bake);
  const running = found.filter((builder) => !isEnding(builder));
  await Promise.all(running.map(({ instanceId }) => terminate(instanceId)));
  const areGone = found.every(({ state }) => state === 'terminated') && (found.length > 0 || look >= LOOKS);
  return areGone && (await deleteGroups(bake));
}
