import type { FullPlan } from '../shared/aws/retention/full-plan.ts';
import { ACTIONS, type Action, type Planned } from '../shared/domain/retention/planned.ts';

const GB = 1024 ** 3;

/** A plan for a person: what would happen to each image, and why. */
export function planTable({ region, entries, stopped, unread }: FullPlan): string {
  const rows = entries.map(rowOf);
  const header = ['ACTION', 'IMAGE', 'NAME', 'DAYS', 'UP TO GB', 'FOR', 'AGAINST'];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(column < row.length - 1 ? (widths[column] ?? 0) : 0))
      .join('  ')
      .trimEnd();
  return [
    `${region}: ${summary(entries)}`,
    ...(stopped ? [`STOPPED: ${stopped}`] : []),
    ...unread.map((why) => `UNREADABLE, so nothing would be touched: ${why}`),
    ...(rows.length > 0 ? [line(header), ...rows.map(line)] : []),
  ].join('\n');
}

const rowOf = (entry: Planned): string[] => [
  entry.action,
  entry.snapshotId ? `${entry.snapshotId} of ${entry.imageId}` : entry.imageId,
  entry.imageName,
  String(entry.ageDays),
  (entry.bytes / GB).toFixed(1),
  entry.for.join('; '),
  entry.against.join('; '),
];

function summary(entries: readonly Planned[]): string {
  const counted = Map.groupBy(entries, ({ action }) => action);
  const of = (action: Action) => `${action} ${counted.get(action)?.length ?? 0}`;
  return entries.length === 0
    ? 'no image of ours'
    : ACTIONS.filter((each) => each === 'keep' || counted.has(each))
        .map(of)
        .join(', ');
}
