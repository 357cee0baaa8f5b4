/** What is true of a query's columns because it is true of the columns they are copied from. */
import type { QueryLineage } from './lineage.ts';
import type { RelationName } from './literal-tables.ts';
import type { Origin, UniqueKey } from './readings.ts';

/** A true statement about columns. `each`: about every value that is not NULL; `what` is equal for equal statements. */
export interface ColumnClaim {
  readonly kind: 'not_null' | 'unique' | 'each';
  readonly columns: readonly string[];
  readonly what: string;
  /** Why it is true: tests. */
  readonly because: readonly string[];
}

/** An inherited claim, and the columns it comes from. */
export interface InheritedClaim extends ColumnClaim {
  readonly from: readonly { readonly relation: RelationName; readonly columns: readonly string[] }[];
}

/** @param claimsOf what is true of a relation */
export function inheritedClaims(
  lineage: QueryLineage,
  claimsOf: (relation: RelationName) => readonly ColumnClaim[],
): readonly InheritedClaim[] {
  if (lineage.unresolved.length > 0) return [];
  return [...ofEveryValue(lineage, claimsOf), ...ofKeys(lineage, claimsOf)];
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** What is true of every value stays true whatever a filter or a join does to the rows; an outer join only brings NULLs. */
function ofEveryValue(
  { columns }: QueryLineage,
  claimsOf: (relation: RelationName) => readonly ColumnClaim[],
): readonly InheritedClaim[] {
  return columns.flatMap(({ name, origins = [] }) => {
    const [first, ...others] = origins;
    if (first === undefined) return [];
    const at = ({ relation, column }: Origin) =>
      claimsOf(relation).filter((claim) => claim.kind !== 'unique' && same(claim.columns[0] ?? '', column));
    const isAnywherePadded = origins.some((origin) => origin.padded);
    return at(first).flatMap((claim): readonly InheritedClaim[] => {
      if (claim.kind === 'not_null' && isAnywherePadded) return [];
      const elsewhere = others.map((origin) =>
        at(origin).find((other) => other.kind === claim.kind && other.what === claim.what),
      );
      const all = [claim, ...elsewhere];
      if (all.some((one) => one === undefined)) return [];
      const because = [...new Set(all.flatMap((one) => one?.because ?? []))];
      const from = origins.map(({ relation, column }) => ({ relation, columns: [column] }));
      return [{ kind: claim.kind, what: claim.what, columns: [name], because, from }];
    });
  });
}

/** A key stays a key as long as no join repeats its rows. */
function ofKeys(
  { columns, singular }: QueryLineage,
  claimsOf: (relation: RelationName) => readonly ColumnClaim[],
): readonly InheritedClaim[] {
  return singular.flatMap(({ relation, reading, given }) => {
    const proofs = given.map((key) => keyClaim(key, claimsOf));
    if (proofs.some((proof) => proof === undefined)) return [];
    return claimsOf(relation).flatMap((claim): readonly InheritedClaim[] => {
      if (claim.kind !== 'unique') return [];
      const found = claim.columns.map((wanted) =>
        columns.find(({ origins = [] }) => {
          const [origin] = origins;
          // NULLs of an outer join are equal to each other in a key of several columns.
          const isWhole = origin !== undefined && (claim.columns.length === 1 || !origin.padded);
          return isWhole && origins.length === 1 && origin.reading === reading && same(origin.column, wanted);
        }),
      );
      if (found.some((column) => column === undefined)) return [];
      const because = [...new Set([claim, ...proofs].flatMap((one) => one?.because ?? []))];
      return [
        {
          kind: 'unique',
          what: claim.what,
          columns: found.flatMap((column) => column?.name ?? []),
          because,
          from: [{ relation, columns: claim.columns }],
        },
      ];
    });
  });
}

const keyClaim = (
  key: UniqueKey,
  claimsOf: (relation: RelationName) => readonly ColumnClaim[],
): ColumnClaim | undefined =>
  claimsOf(key.relation).find(
    (claim) =>
      claim.kind === 'unique' && claim.columns.every((column) => key.columns.some((other) => same(column, other))),
  );

/** Whether a claim follows from one that is true: a key within the columns makes the columns a key. */
export const follows = (wanted: Omit<ColumnClaim, 'because'>, known: ColumnClaim): boolean =>
  wanted.kind === known.kind &&
  wanted.what === known.what &&
  (wanted.kind === 'unique'
    ? known.columns.every((column) => wanted.columns.some((other) => same(column, other)))
    : same(known.columns[0] ?? '', wanted.columns[0] ?? ''));
