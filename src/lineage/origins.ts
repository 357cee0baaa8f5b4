/**
 * Which values stand in a result as they are in a base relation, and whose rows stand there at most once. What was tested there holds
 * here, too: a filter takes rows away, an outer join adds NULLs, a join may repeat rows. Whatever is not sure is left out.
 */
import type { Singular, UniqueKey } from './readings.ts';
import type { Binding, Bindings, BoundColumn } from './scope.ts';

/** A subquery's or CTE's readings as its reader sees them. */
export const originsWithin = (origins: BoundColumn['origins'], reading: string): BoundColumn['origins'] =>
  origins?.map((origin) => ({ ...origin, reading: `${reading} ${origin.reading}` }));

export const singularWithin = (singular: readonly Singular[] = [], reading: string): readonly Singular[] =>
  singular.map((one) => ({ ...one, reading: `${reading} ${one.reading}` }));

export const padded = (column: BoundColumn): BoundColumn =>
  column.origins === undefined
    ? column
    : { ...column, origins: column.origins.map((origin) => ({ ...origin, padded: true })) };

/** The side of an outer join whose rows may be missing. */
export function paddedSide(side: Bindings): Bindings {
  const tables = new Map<Binding, Binding>(
    side.tables.map((table) => [table, { ...table, columns: table.columns.map(padded) }]),
  );
  return {
    ...side,
    tables: [...tables.values()],
    merged: side.merged.map((one) => ({
      ...one,
      column: padded(one.column),
      members: new Set([...one.members].map((member) => tables.get(member) ?? member)),
    })),
  };
}

/** Values that may come from any of several columns; where their types differ they are converted, so they are not the same any more. */
export function eitherOrigins(columns: readonly BoundColumn[]): BoundColumn['origins'] {
  const [first] = columns;
  if (first?.type === undefined || columns.some(({ type }) => type !== first.type)) return undefined;
  const all = columns.map(({ origins }) => origins);
  return all.every((origins) => origins !== undefined) ? all.flatMap((origins) => origins ?? []) : undefined;
}

/** Two columns that a join holds equal, the left one first. */
export type Equal = readonly [BoundColumn, BoundColumn];

/** Of which readings a join repeats no row. `kind` and `type` as DuckDB writes them. */
export function singularOfJoin(
  left: Bindings,
  right: Bindings,
  equals: readonly Equal[],
  kind: string,
  type: string,
): readonly Singular[] {
  const [ofLeft, ofRight] = [left.singular ?? [], right.singular ?? []];
  if (type === 'SEMI' || type === 'ANTI') return ofLeft;
  if (kind === 'POSITIONAL') return [...ofLeft, ...ofRight];
  // Only values of one type are equal without being converted, which may make one of two.
  const comparable = equals.filter(([one, other]) => one.type !== undefined && one.type === other.type);
  const rightKey =
    kind === 'ASOF'
      ? []
      : keyOf(
          ofRight,
          comparable.map(([, column]) => column),
        );
  const leftKey = keyOf(
    ofLeft,
    comparable.map(([column]) => column),
  );
  return [
    ...(rightKey === undefined ? [] : ofLeft.map((one) => ({ ...one, given: [...one.given, ...rightKey] }))),
    ...(leftKey === undefined ? [] : ofRight.map((one) => ({ ...one, given: [...one.given, ...leftKey] }))),
  ];
}

/** What must be unique so that one value of these columns finds at most one row of a side; undefined when nothing makes it so. */
function keyOf(side: readonly Singular[], columns: readonly BoundColumn[]): readonly UniqueKey[] | undefined {
  for (const { relation, reading, given } of side) {
    const names = columns.flatMap(({ origins = [] }) =>
      origins.length === 1 && origins[0]?.reading === reading ? [origins[0].column] : [],
    );
    if (names.length > 0) return [...given, { relation, columns: names }];
  }
  return undefined;
}
