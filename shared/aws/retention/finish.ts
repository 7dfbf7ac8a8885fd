import type { Retired } from '../../domain/retention/retired.ts';
import { snapshotsThere } from '../snapshots.ts';
import { record } from './journal.ts';
import { lookAgain } from './survey.ts';

/**
 * What became of the entries that a run had begun when it died: EC2 says it now. What was not done after all is left
 * out; the run plans it anew.
 */
export async function finish(entries: readonly Retired[], journal: string): Promise<Retired[]> {
  const begun = entries.filter(({ outcome }) => !outcome);
  const finished: Retired[] = [];
  for (const [region, of] of Map.groupBy(begun, (entry) => entry.region)) {
    const images = await lookAgain([...new Set(of.map(({ imageId }) => imageId))], region);
    const snapshots = new Set(
      await snapshotsThere(
        of.flatMap(({ snapshotIds }) => snapshotIds),
        region,
      ),
    );
    for (const entry of of) {
      const image = images.find(({ imageId }) => imageId === entry.imageId);
      const deleted = entry.snapshotIds.filter((id) => !snapshots.has(id));
      const done = {
        keep: false,
        deprecate: image?.deprecatedAt !== undefined,
        disable: image?.state === 'disabled',
        delete: !image,
        'delete-snapshot': deleted.length > 0,
      }[entry.action];
      if (done)
        finished.push({ ...entry, outcome: 'done', ...(entry.action.startsWith('delete') && { deleted }) });
    }
  }
  if (finished.length > 0) await record(journal, finished);
  return [...entries.filter(({ outcome }) => outcome), ...finished];
}
