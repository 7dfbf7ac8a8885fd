import { describe, expect, it } from 'vitest';
import { cleanedParts } from '../../shared/domain/cleaned-parts.ts';
import { AmiCleaned } from '../../shared/events/ami-cleaned.ts';
import { fc } from '../support/property.ts';

const SIZE = { entries: 500, bytes: 1e6 };
const run = { runId: 'run', trigger: 'schedule' as const, bytes: 7 };
const dated = (id: number) => ({ imageId: `ami-${id}`, imageName: `name-${id}`, ageDays: 20 });
const deleted = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ ...dated(id), snapshotIds: ['s'], bytes: 7 }));
const staged = (count: number) => Array.from({ length: count }, (_, id) => dated(id));
const kept = (count: number, reason: string) =>
  Array.from({ length: count }, (_, id) => ({ ...dated(id), reason }));
const failed = (count: number) => Array.from({ length: count }, () => ({ code: 'code', message: 'message' }));

const LISTS = ['deleted', 'disabled', 'deprecated', 'failed', 'kept'] as const;
const listOf = (part: AmiCleaned, list: (typeof LISTS)[number]): readonly unknown[] => part[list] ?? [];

describe('cleanedParts', () => {
  it.each([
    ['nothing at all', { deleted: [], kept: [], failed: [] }],
    ['only the newest kept', { deleted: [], kept: kept(3, 'newest'), failed: [] }],
    ['no stage either', { deleted: [], kept: [], failed: [], deprecated: [], disabled: [] }],
  ])('%s is no news', (_, lists) => {
    expect(cleanedParts({ ...run, ...lists }, SIZE)).toEqual([]);
  });

  it.each([
    ['a deletion', { deleted: deleted(1), kept: kept(3, 'newest'), failed: [] }],
    ['something kept for another reason', { deleted: [], kept: kept(1, 'cap'), failed: [] }],
    ['a failure', { deleted: [], kept: [], failed: failed(1) }],
    ['all of it', { deleted: deleted(1), kept: kept(1, 'cap'), failed: failed(1) }],
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

  it.each(['deprecated', 'disabled'] as const)('a stage is news, and counted: %s', (stage) => {
    const lists = { deleted: [], kept: kept(1, 'newest'), failed: [], [stage]: staged(2) };
    expect(cleanedParts({ ...run, ...lists }, SIZE)).toEqual([
      {
        ...run,
        ...lists,
        part: 1,
        parts: 1,
        counts: { deleted: 0, kept: 1, failed: 0, [stage]: 2 },
      },
    ]);
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
    const sizes = fc.tuple(...Array.from({ length: 5 }, () => fc.nat(40)));
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 50 }), ([a = 0, b = 0, c = 0, d = 0, e = 0], most) => {
        const lists = {
          deleted: deleted(a),
          disabled: staged(b),
          deprecated: staged(c),
          failed: failed(d),
          kept: kept(e, 'cap'),
        };
        const parts = cleanedParts({ ...run, ...lists }, { entries: most, bytes: 1e6 });
        for (const list of LISTS) expect(parts.flatMap((part) => listOf(part, list))).toEqual(lists[list]);
        expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index + 1));
        for (const part of parts) {
          const entries = LISTS.flatMap((list) => listOf(part, list));
          expect(entries.length).toBeGreaterThan(0);
          expect(entries.length).toBeLessThanOrEqual(most);
          expect(part).toMatchObject({ parts: parts.length, bytes: run.bytes });
          expect(part.counts).toMatchObject({ deleted: a, failed: d, kept: e });
          expect([part.counts.disabled ?? 0, part.counts.deprecated ?? 0]).toEqual([b, c]);
          expect(AmiCleaned.schema.safeParse(part).success).toBe(true);
        }
      }),
    );
  });

  it('tells what was done before what was kept', () => {
    const report = { ...run, deleted: deleted(1), kept: kept(1, 'cap'), failed: failed(1) };
    const parts = cleanedParts(
      { ...report, disabled: staged(1), deprecated: staged(1) },
      { ...SIZE, entries: 1 },
    );
    expect(parts.map((part) => LISTS.filter((list) => listOf(part, list).length > 0))).toEqual(
      LISTS.map((list) => [list]),
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
