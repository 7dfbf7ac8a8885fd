import type { Failure } from '../../domain/failures.ts';
import { giveUp } from '../make-image.ts';
import { type Announcing, announce, settle } from '../settle-request.ts';
import { bakeOf } from './bake-of.ts';

/**
 * Ends an attempt of a bake as failed, and tells it: once, and not where it has ended already. Where an image was begun after
 * all, that counts.
 */
export async function giveUpBake(
  { requestKey, attempt }: { readonly requestKey: string; readonly attempt: number },
  failure: Failure,
  announcing: Announcing,
): Promise<void> {
  const record = await bakeOf(announcing.table.tableName, requestKey);
  if (record.attempt !== attempt) return;
  if (record.state === 'creating') await settle(await giveUp(announcing.table, record, failure), announcing);
  else if (!record.announced) await announce(record, announcing);
}
