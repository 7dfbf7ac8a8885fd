import { describe, expect, it } from 'vitest';
import { planTable } from '../../cli/plan-table.ts';
import type { FullPlan } from '../../shared/aws/retention/full-plan.ts';
import type { Planned } from '../../shared/domain/retention/planned.ts';

const entry = (overrides: Partial<Planned> = {}): Planned => ({
  action: 'delete',
  wanted: 'delete',
  imageId: 'ami-00000020',
  imageName: 'service-api-Deploy-2025-05-16_12_00',
  instanceName: 'service-api',
  snapshotIds: ['snap-00000020'],
  bytes: 8 * 1024 ** 3,
  ageDays: 20,
  for: ['older than 14 days'],
  against: [],
  ...overrides,
});
const plan = (overrides: Partial<FullPlan> = {}): FullPlan => ({
  region: 'us-east-1',
  unread: [],
  entries: [entry()],
  ...overrides,
});

describe('planTable', () => {
  it('says of each image what, how old, how large and why, in columns', () => {
    const entries = [
      entry(),
      entry({
        action: 'keep',
        imageId: 'ami-1',
        imageName: 'short',
        ageDays: 300,
        bytes: 0,
        against: ['newest', 'tag amity:keep'],
      }),
      entry({ action: 'delete-snapshot', snapshotId: 'snap-1', imageName: '', for: ['a', 'b'] }),
    ];
    expect(planTable(plan({ entries }))).toMatchInlineSnapshot(`
      "us-east-1: keep 1, delete 1, delete-snapshot 1
      ACTION           IMAGE                   NAME                                 DAYS  UP TO GB  FOR                 AGAINST
      delete           ami-00000020            service-api-Deploy-2025-05-16_12_00  20    8.0       older than 14 days
      keep             ami-1                   short                                300   0.0       older than 14 days  newest; tag amity:keep
      delete-snapshot  snap-1 of ami-00000020                                       20    8.0       a; b"
    `);
  });

  it('says that there is nothing', () => {
    expect(planTable(plan({ entries: [] }))).toBe('us-east-1: no image of ours');
  });

  it('counts what is kept even where nothing is', () => {
    expect(planTable(plan()).split('\n')[0]).toBe('us-east-1: keep 0, delete 1');
  });

  it('says first what stops it, and what could not be read', () => {
    const table = planTable(
      plan({ stopped: '25 of 27 images', unread: ['instances: X: y', 'snapshots: X: y'] }),
    );
    expect(table.split('\n').slice(1, 4)).toEqual([
      'STOPPED: 25 of 27 images',
      'UNREADABLE, so nothing would be touched: instances: X: y',
      'UNREADABLE, so nothing would be touched: snapshots: X: y',
    ]);
  });

  it('leaves no blanks at the end of a line', () => {
    expect(planTable(plan({ entries: [entry({ for: [], against: [] })] }))).not.toMatch(/ $/m);
  });
});
