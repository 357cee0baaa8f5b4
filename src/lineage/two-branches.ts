/** An incremental model is two queries: the one that fills its table, and the one that adds to it. Its lineage is that of both. */
import type { OutputColumn, QueryLineage, RelationRead } from './lineage.ts';
import { type RelationName, relationKey } from './literal-tables.ts';

/** @param itself tells the model's own table, which the second query may read: that leads nowhere else and is left out */
export function ofBothBranches(
  full: QueryLineage,
  incremental: QueryLineage,
  itself: (relation: RelationName) => boolean,
): QueryLineage {
  return lineageOfBoth(full, withoutItself(incremental, itself));
}

const STRENGTH = { copied: 0, renamed: 0, derived: 1, aggregated: 2 } as const;

function lineageOfBoth(full: QueryLineage, other: QueryLineage): QueryLineage {
  const others = new Map(other.columns.map((column) => [column.name.toLowerCase(), column]));
  const names = new Set(full.columns.map(({ name }) => name.toLowerCase()));
  return {
    columns: [
      ...full.columns.map((column) => columnOfBoth(column, others.get(column.name.toLowerCase()))),
      ...other.columns.filter(({ name }) => !names.has(name.toLowerCase())),
    ],
    rowset: unique([...full.rowset, ...other.rowset]),
    reads: readsOfBoth([...full.reads, ...other.reads]),
    singular: [],
    limited: full.limited || other.limited,
    unresolved: [
      ...full.unresolved,
      ...other.unresolved.map((one) => ({ ...one, reason: `when it is incremental: ${one.reason}` })),
    ],
  };
}

function columnOfBoth(column: OutputColumn, other: OutputColumn | undefined): OutputColumn {
  // What stands in the table was made by either, at another time: nothing is known to be as it is elsewhere.
  const { origins: _, ...known } = column;
  if (other === undefined) return known;
  const sources = new Map(column.sources.map((source) => [useKey(source), source]));
  for (const source of other.sources) {
    const earlier = sources.get(useKey(source));
    if (earlier === undefined || STRENGTH[earlier.transformation] < STRENGTH[source.transformation])
      sources.set(useKey(source), source);
  }
  return { ...known, sources: [...sources.values()], indirect: unique([...column.indirect, ...other.indirect]) };
}

interface Use {
  readonly relation: RelationName;
  readonly column: string;
  readonly use: string;
}

const useKey = ({ relation, column, use }: Use): string => `${use} ${relationKey(relation)} ${column.toLowerCase()}`;

const unique = <T extends Use>(uses: readonly T[]): readonly T[] => [
  ...new Map(uses.map((use) => [useKey(use), use])).values(),
];

function readsOfBoth(reads: readonly RelationRead[]): readonly RelationRead[] {
  const found = new Map<string, RelationRead>();
  for (const read of reads) {
    const known = found.get(relationKey(read.relation));
    const columns = new Map([...(known?.columns ?? []), ...read.columns].map((name) => [name.toLowerCase(), name]));
    found.set(relationKey(read.relation), {
      relation: read.relation,
      columns: [...columns.values()],
      star: read.star || known?.star === true,
    });
  }
  return [...found.values()];
}

const withoutItself = (lineage: QueryLineage, itself: (relation: RelationName) => boolean): QueryLineage => {
  const elsewhere = ({ relation }: { readonly relation: RelationName }) => !itself(relation);
  return {
    ...lineage,
    columns: lineage.columns.map((column) => ({
      ...column,
      sources: column.sources.filter(elsewhere),
      indirect: column.indirect.filter(elsewhere),
    })),
    rowset: lineage.rowset.filter(elsewhere),
    reads: lineage.reads.filter(elsewhere),
  };
};
