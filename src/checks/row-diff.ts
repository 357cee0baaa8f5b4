/** Two sets of rows, cell by cell. Order does not matter, how often a row occurs does, NULL equals NULL. */

export type CellText = string | null;

export interface DiffLine {
  /** `changed`: one row on either side that have most in common. */
  readonly kind: 'changed' | 'missing' | 'unexpected';
  readonly expected: readonly CellText[] | undefined;
  readonly actual: readonly CellText[] | undefined;
}

export interface RowDiff {
  readonly columns: readonly string[];
  readonly lines: readonly DiffLine[];
  /** Rows that are the same on both sides. */
  readonly equal: number;
}

export function diffRows(
  columns: readonly string[],
  expected: readonly (readonly CellText[])[],
  actual: readonly (readonly CellText[])[],
): RowDiff {
  const waiting = new Map<string, (readonly CellText[])[]>();
  for (const row of expected) {
    const key = JSON.stringify(row);
    waiting.set(key, [...(waiting.get(key) ?? []), row]);
  }
  const unexpected = actual.filter((row) => waiting.get(JSON.stringify(row))?.pop() === undefined);
  const missing = [...waiting.values()].flat();
  const pairs = closestPairs(missing, unexpected);
  const pairedMissing = new Set(pairs.map(({ expected: row }) => row));
  const pairedActual = new Set(pairs.map(({ actual: row }) => row));
  const lines: DiffLine[] = [
    ...missing.map(
      (row): DiffLine =>
        pairedMissing.has(row)
          ? {
              kind: 'changed',
              expected: row,
              actual: pairs.find((pair) => pair.expected === row)?.actual,
            }
          : { kind: 'missing', expected: row, actual: undefined },
    ),
    ...unexpected
      .filter((row) => !pairedActual.has(row))
      .map(
        (row): DiffLine => ({
          kind: 'unexpected',
          expected: undefined,
          actual: row,
        }),
      ),
  ];
  return { columns, lines, equal: actual.length - unexpected.length };
}

/** Pairs the rows that share most cells, best first; rows that share none are not the same row changed. */
function closestPairs(missing: readonly (readonly CellText[])[], unexpected: readonly (readonly CellText[])[]) {
  const candidates = missing.flatMap((one) =>
    unexpected.map((other) => ({
      expected: one,
      actual: other,
      shared: one.filter((cell, index) => cell === other[index]).length,
    })),
  );
  const taken = new Set<readonly CellText[]>();
  return candidates
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared)
    .filter(({ expected, actual }) => {
      if (taken.has(expected) || taken.has(actual)) return false;
      taken.add(expected).add(actual);
      return true;
    });
}

const MARKS = { changed: '→', missing: '---', unexpected: '+++' } as const;

/** The diff as lines of aligned cells: `@@` names, `→` expected→actual, `---` missing, `+++` unexpected. */
export function diffText({ columns, lines, equal }: RowDiff): string {
  const table = [
    ['@@', ...columns],
    ...lines.map(({ kind, expected, actual }) => [
      MARKS[kind],
      ...columns.map((_, index) => {
        const [one, other] = [expected?.[index] ?? null, actual?.[index] ?? null];
        if (kind === 'changed' && one !== other) return `${shown(one)}→${shown(other)}`;
        return shown(kind === 'unexpected' ? other : one);
      }),
    ]),
  ];
  const widths = ['', ...columns].map((_, index) => Math.max(...table.map((row) => row[index]?.length ?? 0)));
  const drawn = table.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join(' | ')
      .trimEnd(),
  );
  if (equal > 0) drawn.push(`(${equal} ${equal === 1 ? 'row is' : 'rows are'} as expected)`);
  return drawn.join('\n');
}

const shown = (cell: CellText): string => (cell === null ? 'NULL' : cell === '' ? "''" : cell.replaceAll('\n', '⏎'));
