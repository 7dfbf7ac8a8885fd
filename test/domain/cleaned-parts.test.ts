import { describe, expect, it } from 'vitest';
import { cleanedParts } from '../../shared/domain/cleaned-parts.ts';
import { AmiCleaned } from '../../shared/events/ami-cleaned.ts';
import { fc } from '../support/property.ts';

const SIZE = { entries: 500, bytes: 1e6 };
const run = { runId: 'run', trigger: 'schedule' as const };
const dated = (id: number) => ({ imageId: `ami-${id}`, imageName: `name-${id}`, ageDays: 20 });
const deleted = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ ...dated(id), snapshotIds: ['s'] }));
const kept = (count: number, reason: string) =>
  Array.from({ length: count }, (_, id) => ({ ...dated(id), reason }));
const failed = (count: number) => Array.from({ length: count }, () => ({ code: 'code', message: 'message' }));

describe('cleanedParts', () => {
  it.each([
    ['nothing at all', { deleted: [], kept: [], failed: [] }],
    ['only the newest kept', { deleted: [], kept: kept(3, 'newest'), failed: [] }],
  ])('%s is no news', (_, lists) => {
    expect(cleanedParts({ ...run, ...lists }, SIZE)).toEqual([]);
  });

  it.each([
    ['a deletion', { deleted: deleted(1), kept: kept(3, 'newest'), failed: [] }],
    ['something kept for another reason', { deleted: [], kept: kept(1, 'cap'), failed: [] }],
    ['a failure', { deleted: [], kept: [], failed: failed(1) }],
  ])('%s is one event', (_, lists) => {
    const [only, ...more] = cleanedParts({ ...run, ...lists }, SIZE);
    expect(only).toEqual({
      ...run,
      ...lists,
      part: 1,
      parts: 1,
      counts: { deleted: lists.deleted.length, kept: lists.kept.length, failed: lists.failed.length },
    });
    expect(more).toEqual([]);
  });

  it.each([
    [500, 1],
    [501, 2],
    [1000, 2],
    [1001, 3],
  ])('%i entries are %i parts', (count, parts) => {
    expect(cleanedParts({ ...run, deleted: deleted(count), kept: [], failed: [] }, SIZE)).toHaveLength(parts);
  });

  it('loses nothing, repeats nothing, respects the size and fits the schema', () => {
    const size = fc.nat(60);
    fc.assert(
      fc.property(size, size, size, fc.integer({ min: 1, max: 50 }), (ofDeleted, ofKept, ofFailed, most) => {
        const report = {
          ...run,
          deleted: deleted(ofDeleted),
          kept: kept(ofKept, 'cap'),
          failed: failed(ofFailed),
        };
        const parts = cleanedParts(report, { entries: most, bytes: 1e6 });
        expect(parts.flatMap((part) => part.deleted)).toEqual(report.deleted);
        expect(parts.flatMap((part) => part.kept)).toEqual(report.kept);
        expect(parts.flatMap((part) => part.failed)).toEqual(report.failed);
        expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index + 1));
        for (const part of parts) {
          const entries = part.deleted.length + part.kept.length + part.failed.length;
          expect(entries).toBeGreaterThan(0);
          expect(entries).toBeLessThanOrEqual(most);
          expect(part.parts).toBe(parts.length);
          expect(part.counts).toEqual({ deleted: ofDeleted, kept: ofKept, failed: ofFailed });
          expect(AmiCleaned.schema.safeParse(part).success).toBe(true);
        }
      }),
    );
  });

  it('makes a part for what PutEvents could not take in one', () => {
    const report = { ...run, deleted: deleted(100), kept: [], failed: [] };
    const parts = cleanedParts(report, { entries: 500, bytes: 2_000 });
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) expect(JSON.stringify(part.deleted).length).toBeLessThan(2_100);
    expect(parts.flatMap((part) => part.deleted)).toEqual(report.deleted);
  });
});
