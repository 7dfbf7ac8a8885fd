import type { AmiCleaned } from '../events/ami-cleaned.ts';

export type Report = Omit<AmiCleaned, 'part' | 'parts' | 'counts'>;

/** What one event may hold: PutEvents takes 256 KB, the rest of the event included. */
export interface PartSize {
  readonly entries: number;
  readonly bytes: number;
}

/** The lists of a report, in the order in which they are told. */
const LISTS = ['deleted', 'disabled', 'deprecated', 'failed', 'kept'] as const;

/**
 * A run's report as events that EventBridge takes, and none for a run that had nothing to do: images that
 * are merely among the newest of their name are no news.
 */
export function cleanedParts(report: Report, most: PartSize): AmiCleaned[] {
  const { deleted, kept, failed, disabled = [], deprecated = [], ...run } = report;
  const done = deleted.length + failed.length + disabled.length + deprecated.length;
  if (done === 0 && kept.every(({ reason }) => reason === 'newest')) return [];
  const counts = {
    deleted: deleted.length,
    kept: kept.length,
    failed: failed.length,
    ...(disabled.length > 0 && { disabled: disabled.length }),
    ...(deprecated.length > 0 && { deprecated: deprecated.length }),
  };
  const parts = split(report, most);
  return parts.map((lists, index) => ({ ...run, ...lists, counts, part: index + 1, parts: parts.length }));
}

type Lists = Pick<Report, (typeof LISTS)[number]>;

function split(report: Lists, most: PartSize): Lists[] {
  const parts: Lists[] = [];
  let [count, bytes] = [most.entries, 0];
  for (const list of LISTS) {
    for (const entry of report[list] ?? []) {
      const size = new TextEncoder().encode(JSON.stringify(entry)).length + 1;
      const fits = count < most.entries && bytes + size <= most.bytes;
      if (!fits) parts.push({ deleted: [], kept: [], failed: [] });
      [count, bytes] = fits ? [count + 1, bytes + size] : [1, size];
      const part = parts.at(-1);
      if (part) Object.assign(part, { [list]: [...(part[list] ?? []), entry] });
    }
  }
  return parts;
}
