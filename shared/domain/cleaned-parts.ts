import type { AmiCleaned } from '../events/ami-cleaned.ts';

type Report = Omit<AmiCleaned, 'part' | 'parts' | 'counts'>;

/**
 * A run's report as events of at most `most` entries each, and none for a run that had nothing to do:
 * images that are merely among the newest of their name are no news.
 */
export function cleanedParts(report: Report, most: number): AmiCleaned[] {
  const { deleted, kept, failed } = report;
  if (!deleted.length && !failed.length && kept.every(({ reason }) => reason === 'newest')) return [];
  const counts = { deleted: deleted.length, kept: kept.length, failed: failed.length };
  const entries = [
    ...deleted.map((entry) => ({ deleted: [entry] })),
    ...failed.map((entry) => ({ failed: [entry] })),
    ...kept.map((entry) => ({ kept: [entry] })),
  ];
  const parts = Math.ceil(entries.length / most);
  return Array.from({ length: parts }, (_, index) => {
    const some = entries.slice(index * most, (index + 1) * most);
    return {
      ...report,
      part: index + 1,
      parts,
      counts,
      deleted: some.flatMap((entry) => ('deleted' in entry ? entry.deleted : [])),
      failed: some.flatMap((entry) => ('failed' in entry ? entry.failed : [])),
      kept: some.flatMap((entry) => ('kept' in entry ? entry.kept : [])),
    };
  });
}
