/**
 * Real tables are published by changing names, and a view in DuckDB reads names. So whenever real tables change places, every kept or
 * staged view over them is written again with the names its tables have from then on: the rows it reads stay the same.
 */
import { publicName, realTableName, withinFile } from '../ledger/names.ts';
import { homeOf, nameOf, type VersionRecord } from '../ledger/records.ts';
import type { FileText } from './commit-files.ts';
import { parentsFirst } from './follow-views.ts';
import { objectName } from './progress.ts';
import type { Publication } from './publish.ts';

export interface RenamedViews {
  readonly sql: readonly FileText[];
  readonly versions: readonly VersionRecord[];
}

/** @param views every version of every view, as it stands before publishing */
export function renamedViews(renames: ReadonlyMap<string, string>, views: readonly VersionRecord[]): RenamedViews {
  if (renames.size === 0) return { sql: [], versions: [] };
  const names = new RegExp(
    [...renames.keys()].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'),
    'g',
  );
  const versions = parentsFirst(views).flatMap((version): readonly VersionRecord[] => {
    if (version.physical.kind !== 'view') return [];
    // All at once: what one table leaves another takes.
    const sql = version.physical.sql.replace(names, (name) => renames.get(name) ?? name);
    return sql === version.physical.sql ? [] : [{ ...version, physical: { kind: 'view', sql } }];
  });
  return {
    sql: versions.map((version) => ({
      database: homeOf(version),
      sql:
        version.physical.kind === 'view'
          ? `create or replace view ${objectName(version, false)} as\n${withinFile(homeOf(version), version.physical.sql)};`
          : '',
    })),
    versions,
  };
}

/** Which real table is called what once these are published. */
export function tableRenames(
  publications: readonly Publication[],
  gone: readonly VersionRecord[] = [],
): ReadonlyMap<string, string> {
  const renames = new Map<string, string>();
  const aside = (version: VersionRecord) => {
    if (version.physical.kind === 'real-table' && version.state !== 'lost')
      renames.set(publicName(nameOf(version)), realTableName(nameOf(version), version.version));
  };
  for (const { version, before } of publications) {
    if (before) aside(before);
    if (version.physical.kind === 'real-table')
      renames.set(realTableName(nameOf(version), version.version), publicName(nameOf(version)));
  }
  gone.forEach(aside);
  return renames;
}
