/**
 * Incremental tables that can be undone. All versions since the last full build share one base table whose rows carry the version
 * that wrote them; the rows a version replaced move to that version's undo slice. Version k is then, exactly:
 *   the base's rows written by k or earlier, and, of every later undo slice, the rows written by k or earlier.
 * Publishing costs the slice, not the table, and so does going back.
 */
import { quotedIdentifier } from '../core/quote.ts';
import { baseName, type RelationName, undoName, VERSION_COLUMN, versionName } from '../ledger/names.ts';
import type { VersionRecord } from '../ledger/records.ts';
import type { DeltaChange } from './build.ts';

const written = quotedIdentifier(VERSION_COLUMN);
const list = (columns: readonly string[]): string => columns.map(quotedIdentifier).join(', ');

/** The rows that stay when the change is applied, followed by the new ones: what the version will be. */
export function stagedRows(change: DeltaChange): string {
  const stay = change.replaces === null ? '' : `\nwhere (${change.replaces}) is not true`;
  return `select ${list(change.columns)}
from ${change.base} as DBT_INTERNAL_DEST${stay}
union all
select ${list(change.columns)}
from ${change.slice}`;
}

/** The statements of the publishing transaction that put the slice into the base and keep what it replaced. */
export function applyChange(change: DeltaChange): readonly string[] {
  const kept =
    change.replaces === null
      ? []
      : [
          `create table ${change.undo} as\nselect *\nfrom ${change.base} as DBT_INTERNAL_DEST\nwhere ${change.replaces};`,
          `delete from ${change.base} as DBT_INTERNAL_DEST\nwhere ${change.replaces};`,
        ];
  return [
    ...kept,
    `insert into ${change.base} (${list(change.columns)}, ${written})\nselect ${list(change.columns)}, ${change.version}\nfrom ${change.slice};`,
  ];
}

/** The query of the newest version of a base: all its rows. */
export const currentRows = (base: string, columns: readonly string[]): string =>
  `select ${list(columns)}\nfrom ${base}`;

/** The query of an older version, given the newer versions of the same base (any order). */
export function olderRows(
  base: string,
  version: number,
  columns: readonly string[],
  newer: readonly VersionRecord[],
): string {
  const pieces = [base, ...undoSlices(newer)];
  return pieces
    .map((from) => `select ${list(columns)}\nfrom ${from}\nwhere ${written} <= ${version}`)
    .join('\nunion all\n');
}

/** What brings the base from its newest version back to `wanted`, as a new version `version` of its own. */
export function restoreChange(
  name: RelationName,
  version: number,
  wanted: VersionRecord,
  newer: readonly VersionRecord[],
): readonly string[] {
  if (wanted.physical.kind !== 'delta')
    throw new Error(`version ${wanted.version} of ${wanted.relation} is not a delta`);
  const { base, columns } = wanted.physical;
  const undo = undoName(name, version);
  const back = undoSlices(newer).map(
    (slice) =>
      `insert into ${base} (${list(columns)}, ${written})\nselect ${list(columns)}, ${version}\nfrom ${slice}\nwhere ${written} <= ${wanted.version};`,
  );
  return [
    `create table ${undo} as\nselect *\nfrom ${base}\nwhere ${written} > ${wanted.version};`,
    `delete from ${base}\nwhere ${written} > ${wanted.version};`,
    ...back,
  ];
}

/** Names of a relation's delta objects, in one place so that building and collecting agree. */
export const deltaNames = (name: RelationName, version: number, base: number) => ({
  base: baseName(name, base),
  object: versionName(name, version),
  undo: undoName(name, version),
});

const undoSlices = (newer: readonly VersionRecord[]): readonly string[] =>
  newer.flatMap((record) =>
    record.physical.kind === 'delta' && record.physical.undo !== null ? [record.physical.undo] : [],
  );
