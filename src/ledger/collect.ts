/** Which versions nobody needs any more, and the SQL that drops them. Pure: `app` runs it under the lock before a run. */
import { publicName, realTableName, versionName } from './names.ts';
import { homeOf, type LedgerState, nameOf, type VersionRecord } from './records.ts';
import { forgetIntervals, forgetVersions } from './write-ledger.ts';

export interface Retention {
  /** Versions kept of each relation besides the published one. Default 2. */
  readonly versions: number;
  /** Days for which every version is kept. Default 7. */
  readonly days: number;
  /** Bytes that all kept, unpublished versions may take; undefined: twice the published data. */
  readonly maxBytes: number | undefined;
}

export const defaultRetention: Retention = { versions: 2, days: 7, maxBytes: undefined };

/**
 * Versions to drop: those older than both the newest `versions` and `days`, then, oldest first, whatever is above the size limit. Of what
 * was taken from readers, all when that is so many days ago. Never what is published, nor what something kept still reads.
 */
export function collectable(
  state: LedgerState,
  retention: Retention,
  now: Date,
  bytesOf: (version: VersionRecord) => number,
): readonly VersionRecord[] {
  const all = [...state.versions.values()].flat();
  const isPublished = (version: VersionRecord) => state.published.get(version.relation)?.version === version.version;
  const youngerThan = now.getTime() - retention.days * 86_400_000;
  const wanted = new Set<VersionRecord>();
  for (const [relation, versions] of state.versions) {
    const shown = state.published.get(relation);
    const isGone = shown?.version === null && Date.parse(shown.published_at) < youngerThan;
    const earlier = versions.filter((version) => version.state === 'kept' && !isPublished(version));
    const newestStaged = versions.find((version) => version.state === 'staged');
    const current = versions.find(isPublished);
    for (const version of versions) if (isPublished(version)) wanted.add(version);
    if (isGone && versions.every(({ state }) => state === 'kept')) continue;
    for (const version of [
      ...earlier.slice(0, retention.versions),
      ...earlier.filter((old) => Date.parse(old.built_at) >= youngerThan),
    ])
      wanted.add(version);
    // What an interrupted run staged is worth keeping only while nothing newer was published.
    if (newestStaged && newestStaged.version > (current?.version ?? 0)) wanted.add(newestStaged);
  }
  const limit = retention.maxBytes ?? 2 * sum([...wanted].filter(isPublished), bytesOf);
  const optional = [...wanted]
    .filter((version) => !isPublished(version))
    .sort((left, right) => right.built_at.localeCompare(left.built_at));
  let spent = 0;
  for (const version of optional) {
    spent += bytesOf(version);
    if (spent > limit) wanted.delete(version);
  }
  const needed = withWhatTheyRead(wanted, all);
  return all.filter((version) => !needed.has(version));
}

/** Versions and, transitively, the versions their views read. */
function withWhatTheyRead(
  wanted: ReadonlySet<VersionRecord>,
  all: readonly VersionRecord[],
): ReadonlySet<VersionRecord> {
  const byName = new Map(all.map((version) => [`${version.relation}@${version.version}`, version]));
  const needed = new Set<VersionRecord>();
  const visit = (version: VersionRecord): void => {
    if (needed.has(version)) return;
    needed.add(version);
    // A table holds its rows itself; only a view needs what it reads.
    if (version.physical.kind === 'view') for (const read of version.reads) visitNamed(read);
  };
  const visitNamed = (name: string): void => {
    const version = byName.get(name);
    if (version) visit(version);
  };
  for (const version of wanted) visit(version);
  return needed;
}

/** Drops versions and forgets them; `remaining` are all versions that stay. Answers the SQL for each database and the files to remove after it. */
export function collectSql(
  dropped: readonly VersionRecord[],
  remaining: readonly VersionRecord[],
): {
  readonly texts: readonly { readonly database: string; readonly sql: string }[];
  readonly files: readonly string[];
} {
  const files = dropped.flatMap((version) => (version.physical.kind === 'external' ? [version.physical.file] : []));
  const texts = [...new Set(dropped.map(homeOf))].map((database) => {
    const isHere = (version: VersionRecord) => homeOf(version) === database;
    const here = dropped.filter(isHere);
    return {
      database,
      sql: [
        ...here.flatMap((version) => dropObject(version)),
        ...dropUnusedDeltas(here, remaining.filter(isHere)),
        forgetVersions(database, here),
        forgetIntervals(database, here),
      ].join('\n'),
    };
  });
  return { texts, files };
}

function dropObject(version: VersionRecord): readonly string[] {
  const name = nameOf(version);
  const { physical } = version;
  switch (physical.kind) {
    case 'table':
    case 'copied':
      return [`drop table if exists ${versionName(name, version.version)};`];
    case 'view':
    case 'external':
      return [`drop view if exists ${versionName(name, version.version)};`];
    case 'real-table':
      return [`drop table if exists ${realTableName(name, version.version)};`];
    case 'delta':
      return [
        `drop view if exists ${versionName(name, version.version)};`,
        ...(physical.pending
          ? [physical.pending.slice, ...physical.pending.leftovers].map((table) => `drop table if exists ${table};`)
          : []),
      ];
    default:
      return physical satisfies never;
  }
}

/** An undo slice serves the versions before its own; a base all versions since the last full build. */
function dropUnusedDeltas(dropped: readonly VersionRecord[], remaining: readonly VersionRecord[]): readonly string[] {
  const deltas = (versions: readonly VersionRecord[]) =>
    versions.flatMap((version) =>
      version.physical.kind === 'delta' ? [{ version: version.version, ...version.physical }] : [],
    );
  const kept = deltas(remaining);
  const undoUnused = [...deltas(dropped), ...kept]
    .filter(
      ({ undo, base, version, pending }) =>
        undo !== null && !pending && !kept.some((other) => other.base === base && other.version < version),
    )
    .map(({ undo }) => `drop table if exists ${undo};`);
  const basesUnused = new Set(
    deltas(dropped)
      .map(({ base }) => base)
      .filter((base) => !kept.some((other) => other.base === base)),
  );
  return [...undoUnused, ...[...basesUnused].map((base) => `drop table if exists ${base};`)];
}

const sum = (versions: readonly VersionRecord[], bytesOf: (version: VersionRecord) => number): number =>
  versions.reduce((total, version) => total + bytesOf(version), 0);

/**
 * The table that goes when a version goes; null for views. Of a delta that is the undo slice of the version after it; its base stands for
 * the published one.
 * @param versions all of the relation
 */
export function storedIn(
  version: VersionRecord,
  isPublished: boolean,
  versions: readonly VersionRecord[],
): string | null {
  const name = nameOf(version);
  const { physical } = version;
  switch (physical.kind) {
    case 'table':
    case 'copied':
      return versionName(name, version.version);
    case 'real-table':
      return isPublished ? publicName(name) : realTableName(name, version.version);
    case 'delta':
      if (isPublished) return physical.base;
      return physical.pending?.slice ?? undoAfter(version, physical.base, versions);
    case 'view':
    case 'external':
      return null;
    default:
      return physical satisfies never;
  }
}

function undoAfter(version: VersionRecord, base: string, versions: readonly VersionRecord[]): string | null {
  const next = [...versions]
    .sort((left, right) => left.version - right.version)
    .find(
      ({ physical, version: number, state }) =>
        number > version.version && state === 'kept' && physical.kind === 'delta' && physical.base === base,
    );
  return next?.physical.kind === 'delta' ? next.physical.undo : null;
}
