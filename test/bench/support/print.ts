/** Lines of columns: the first to the left, the others to the right. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => (column ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[0] ?? 0)))
        .join('  ')
        .trimEnd(),
    );
}

export interface Target {
  readonly what: string;
  readonly is: number;
  readonly most: number;
  readonly unit?: string;
}

/** Says of each target whether it holds; gives whether all do. */
export function printTargets(targets: readonly Target[]): boolean {
  for (const { what, is, most, unit = '' } of targets) {
    const digits = Number.isInteger(is) && Number.isInteger(most) ? 0 : 3;
    console.log(
      `  ${is <= most ? 'holds ' : 'MISSED'}  ${what}: ${is.toFixed(digits)}${unit}, at most ${most}${unit}`,
    );
  }
  return targets.every(({ is, most }) => is <= most);
}
