import type { AmiCleaned } from '../../events/ami-cleaned.ts';
import { deletes, type Planned } from './planned.ts';
import type { Retired } from './retired.ts';

type Report = Omit<AmiCleaned, 'part' | 'parts' | 'counts' | 'runId' | 'trigger' | 'instanceName'>;

/**
 * What a run did, and what it left alone although age alone would have deleted it.
 * @param home the region that goes without saying
 */
export function reportOf(
  retired: readonly Retired[],
  kept: readonly (Planned & { readonly region: string })[],
  home: string,
): Report {
  const named = ({ imageId, imageName, region }: Pick<Retired, 'imageId' | 'imageName' | 'region'>) => ({
    imageId,
    imageName,
    ...(region !== home && { region }),
  });
  // Written down under their ids: told as they were planned, the oldest first.
  const inOrder = [...retired].sort((a, b) => b.ageDays - a.ageDays);
  const done = inOrder.filter(({ outcome }) => outcome === 'done');
  const gone = done.filter(deletes);
  const staged = (stage: Retired['action']) =>
    done.filter(({ action }) => action === stage).map((each) => ({ ...named(each), ageDays: each.ageDays }));
  return {
    deleted: gone.map((each) => ({
      ...named(each),
      snapshotIds: [...(each.deleted ?? [])],
      ageDays: each.ageDays,
      bytes: each.bytes,
    })),
    deprecated: staged('deprecate'),
    disabled: staged('disable'),
    kept: kept
      .filter(({ wanted }) => deletes({ action: wanted }))
      .sort((a, b) => b.ageDays - a.ageDays)
      .map((each) => ({
        ...named(each),
        ...(each.snapshotId && { snapshotId: each.snapshotId }),
        ageDays: each.ageDays,
        reason: each.against[0] ?? 'unknown',
      })),
    failed: inOrder.flatMap((each) =>
      (each.failures ?? []).map((failure) => ({ ...named(each), ...failure })),
    ),
    bytes: gone.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
