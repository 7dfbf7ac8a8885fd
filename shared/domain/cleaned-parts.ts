import type { AmiCleaned } from '../events/ami-cleaned.ts';

type Report = Omit<AmiCleaned, 'part' | 'parts' | 'counts'>;
type Entries = Pick<Report, 'deleted' | 'kept' | 'failed'>;

/** What one event may hold: PutEvents takes 256 KB, the rest of the event included. */
export interface PartSize {
  readonly entries: number;
  readonly bytes: number;
}

/**
 * A run's report as events that EventBridge takes, and none for a run that had nothing to do: images that
 * are merely among the newest of their name are no news.
 */
export function cleanedParts(report: Report, most: PartSize): AmiCleaned[] {
  const { deleted, kept, failed } = report;
  if (!deleted.length && !failed.length && kept.every(({ reason }) => reason === 'newest')) return [];
  const counts = { deleted: deleted.length, kept: kept.length, failed: failed.length };
  const parts = split(report, most);
  return parts.map((entries, index) => ({
    ...report,
    ...entries,
    counts,
    part: index + 1,
    parts: parts.length,
  }));
}

function split({ deleted, kept, failed }: Entries, most: PartSize): Entries[] {
  const parts: Entries[] = [];
  let [count, bytes] = [most.entries, 0];
  const partFor = (entry: object): Entries => {
    const size = new TextEncoder().encode(JSON.stringify(entry)).length + 1;
    const last = parts.at(-1);
    const fits = last && count < most.entries && bytes + size <= most.bytes;
    [count, bytes] = fits ? [count + 1, bytes + size] : [1, size];
    if (fits) return last;
    const part: Entries = { deleted: [], kept: [], failed: [] };
    parts.push(part);
    return part;
  };
  for (const entry of deleted) partFor(entry).deleted.push(entry);
  for (const entry of failed) partFor(entry).failed.push(entry);
  for (const entry of kept) partFor(entry).kept.push(entry);
  return parts;
}
