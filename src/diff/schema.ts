/** Two lists of columns → what was added, removed, retyped and moved. Names are compared as DuckDB does, without regard to case. */
import type { Column } from '../engine/engine.ts';

export interface Retyped {
  readonly name: string;
  readonly left: string;
  readonly right: string;
  /** The type both sides are cast to before values are compared. */
  readonly comparedAs: string;
}

export interface SchemaDiff {
  /** Columns of the right side only. */
  readonly added: readonly Column[];
  /** Columns of the left side only. */
  readonly removed: readonly Column[];
  readonly retyped: readonly Retyped[];
  /** The fewest columns whose move explains the new order. */
  readonly moved: readonly string[];
}

/** A column that both sides have. */
export interface SharedColumn {
  /** As the left side spells it. */
  readonly name: string;
  readonly left: Column;
  readonly right: Column;
}

export const isSameSchema = ({ added, removed, retyped, moved }: SchemaDiff): boolean =>
  added.length + removed.length + retyped.length + moved.length === 0;

/** In the left side's order. */
export function sharedColumns(left: readonly Column[], right: readonly Column[]): readonly SharedColumn[] {
  const others = byName(right);
  return left.flatMap((column) => {
    const other = others.get(column.name.toLowerCase());
    return other === undefined ? [] : [{ name: column.name, left: column, right: other }];
  });
}

/** `commonTypes`: lower-case name → the type to compare a retyped column in; text where it is silent. */
export function compareSchemas(
  left: readonly Column[],
  right: readonly Column[],
  commonTypes: ReadonlyMap<string, string> = new Map(),
): SchemaDiff {
  const [ours, theirs] = [byName(left), byName(right)];
  const shared = sharedColumns(left, right);
  return {
    added: right.filter(({ name }) => !ours.has(name.toLowerCase())),
    removed: left.filter(({ name }) => !theirs.has(name.toLowerCase())),
    retyped: shared
      .filter((column) => column.left.type !== column.right.type)
      .map((column) => ({
        name: column.name,
        left: column.left.type,
        right: column.right.type,
        comparedAs: commonTypes.get(column.name.toLowerCase()) ?? 'VARCHAR',
      })),
    moved: movedColumns(shared, right),
  };
}

const byName = (columns: readonly Column[]): ReadonlyMap<string, Column> =>
  new Map(columns.map((column) => [column.name.toLowerCase(), column]));

/** All that are not in a longest run of columns whose order held (longest increasing subsequence). */
function movedColumns(shared: readonly SharedColumn[], right: readonly Column[]): readonly string[] {
  const places = shared.map((column) => right.indexOf(column.right));
  const runs: (readonly number[])[] = [];
  for (const [at, place] of places.entries()) {
    let best: readonly number[] = [];
    for (const [before, run] of runs.entries())
      if ((places[before] ?? 0) < place && run.length > best.length) best = run;
    runs.push([...best, at]);
  }
  const longest = runs.reduce((one, other) => (other.length > one.length ? other : one), []);
  const kept = new Set(longest);
  return shared.filter((_, at) => !kept.has(at)).map(({ name }) => name);
}
