import { describe, expect, it } from 'vitest';
import type { Planned } from '../../../shared/domain/retention/planned.ts';
import { reportOf } from '../../../shared/domain/retention/report.ts';
import { AmiCleaned } from '../../../shared/events/ami-cleaned.ts';
import { retired } from './retired-of.ts';

const HOME = 'us-east-1';
const named = { imageId: 'ami-1', imageName: 'name-1' };

const kept = (overrides: Partial<Planned & { region: string }> = {}) => ({
  ...named,
  action: 'keep' as const,
  wanted: 'delete' as const,
  instanceName: 'service-api',
  snapshotIds: [],
  bytes: 0,
  ageDays: 20,
  for: ['older than 14 days'],
  against: ['in use: instance/i-1', 'tag amity:keep'],
  region: HOME,
  ...overrides,
});

const NOTHING = { deleted: [], deprecated: [], disabled: [], kept: [], failed: [], bytes: 0 };

describe('reportOf', () => {
  it('a run without anything to do', () => {
    expect(reportOf([], [], HOME)).toEqual(NOTHING);
  });

  it.each([
    ['disable', { disabled: [{ ...named, ageDays: 20 }] }],
    ['deprecate', { deprecated: [{ ...named, ageDays: 20 }] }],
    ['delete', { deleted: [{ ...named, ageDays: 20, snapshotIds: ['snap-1'], bytes: 7 }], bytes: 7 }],
    [
      'delete-snapshot',
      { deleted: [{ ...named, ageDays: 20, snapshotIds: ['snap-1'], bytes: 7 }], bytes: 7 },
    ],
    ['keep', {}],
  ] as const)('what was done: %s', (action, told) => {
    const done = retired(action, { bytes: 7, snapshotIds: ['snap-1', 'snap-2'], deleted: ['snap-1'] });
    expect(reportOf([done], [], HOME)).toEqual({ ...NOTHING, ...told });
  });

  it.each(['gone', 'failed', undefined] as const)(
    'what came to nothing is not told as done: %s',
    (outcome) => {
      expect(reportOf([retired('delete', { outcome, bytes: 7 })], [], HOME)).toEqual(NOTHING);
    },
  );

  it('failures, one by one, those of what was done in part too', () => {
    const [one, other] = ['a', 'b'].map((code) => ({ code, message: `message of ${code}` }));
    const failures = [one, other].flatMap((each) => each ?? []);
    const report = reportOf(
      [
        retired('delete', { outcome: 'done', failures: failures.slice(0, 1) }),
        retired('disable', { id: 'ami-2', imageId: 'ami-2', outcome: 'failed', failures }),
      ],
      [],
      HOME,
    );
    expect(report.deleted).toHaveLength(1);
    expect(report.disabled).toEqual([]);
    expect(report.failed).toEqual([
      { ...named, ...one },
      { imageId: 'ami-2', imageName: 'name-1', ...one },
      { imageId: 'ami-2', imageName: 'name-1', ...other },
    ]);
  });

  it('sums what was deleted, and nothing else', () => {
    const report = reportOf(
      [
        retired('delete', { bytes: 1 }),
        retired('delete-snapshot', { bytes: 10 }),
        retired('disable', { bytes: 100 }),
        retired('delete', { bytes: 1000, outcome: 'failed' }),
      ],
      [kept({ bytes: 10_000 })],
      HOME,
    );
    expect(report.bytes).toBe(11);
  });

  it.each([
    ['an image, by the first reason', kept(), [{ ...named, ageDays: 20, reason: 'in use: instance/i-1' }]],
    [
      'a snapshot',
      kept({ wanted: 'delete-snapshot', snapshotId: 'snap-1' }),
      [{ ...named, snapshotId: 'snap-1', ageDays: 20, reason: 'in use: instance/i-1' }],
    ],
    ['one without a reason', kept({ against: [] }), [{ ...named, ageDays: 20, reason: 'unknown' }]],
    ['what age alone would leave alone', kept({ wanted: 'keep', against: ['young'] }), []],
    ['what is not yet to be deleted', kept({ wanted: 'disable' }), []],
  ])('what was left alone: %s', (_, entry, told) => {
    expect(reportOf([], [entry], HOME)).toEqual({ ...NOTHING, kept: told });
  });

  it('tells the region where it is not the stack’s own', () => {
    const region = 'eu-west-1';
    const report = reportOf(
      [retired('delete', { region }), retired('delete'), retired('disable', { region })],
      [kept({ region })],
      HOME,
    );
    expect(report.deleted.map((each) => each.region)).toEqual([region, undefined]);
    expect([...(report.disabled ?? []), ...report.kept].map((each) => each.region)).toEqual([region, region]);
    expect(report.deleted[1]).not.toHaveProperty('region');
  });

  it('tells the oldest first, whatever the order in which it was written down', () => {
    const ages = [20, 40, 30];
    const report = reportOf(
      ages.map((ageDays) => retired('delete', { ageDays })),
      ages.map((ageDays) => kept({ ageDays })),
      HOME,
    );
    expect([report.deleted, report.kept].map((list) => list.map(({ ageDays }) => ageDays))).toEqual([
      [40, 30, 20],
      [40, 30, 20],
    ]);
  });

  it('is what AmiCleaned takes', () => {
    const report = reportOf([retired('delete'), retired('disable')], [kept({ snapshotId: 'snap-1' })], HOME);
    const rest = { runId: 'run', trigger: 'schedule', part: 1, parts: 1 };
    const counts = { deleted: 1, kept: 1, failed: 0, disabled: 1 };
    expect(AmiCleaned.schema.parse({ ...rest, counts, ...report })).toMatchObject(report);
  });
});
