import type { BakeSpec } from '../../domain/bake/spec.ts';
import type { RequestRecord } from '../../domain/request.ts';
import { requestOf } from '../request-store.ts';

/** A request that is baked, as its workflow finds it. */
export type BakeRecord = RequestRecord & { readonly bake: BakeSpec };

/** The request that a workflow is at work on. Throws where it is none. */
export async function bakeOf(tableName: string, requestKey: string): Promise<BakeRecord> {
  const record = await requestOf(tableName, requestKey);
  if (!record?.bake) throw new Error(`There is no bake recorded under ${requestKey}`);
  return { ...record, bake: record.bake };
}
