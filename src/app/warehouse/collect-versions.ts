/** Drops versions of data that retention does not keep: at the start of a run, and for `dql clean --versions`. */
import { fileStore } from '../../disk/file-store.ts';
import type { Connection } from '../../engine/engine.ts';
import { collectable, collectSql, defaultRetention } from '../../ledger/collect.ts';
import type { LedgerState, VersionRecord } from '../../ledger/records.ts';
import type { Project } from '../../project/project.ts';
import { diskUse, keptSizes, versionSizes } from './version-sizes.ts';

export interface Collected {
  /** What is remembered afterwards. */
  readonly state: LedgerState;
  readonly dropped: readonly VersionRecord[];
  /** Bytes of versions, those that were measured. */
  readonly sizes: ReadonlyMap<VersionRecord, number>;
}

/** Bytes up to which all versions together are kept by number and age alone, where no limit is configured. */
const WORTH_MEASURING = 1_000_000_000;

/**
 * Needs a warehouse opened for writing, which is the lock. Never drops what is published, nor what something kept reads.
 * @param isOwn whether an exported file is the project's to remove
 */
export async function collectVersions(
  connection: Connection,
  state: LedgerState,
  project: Project,
  now: Date,
  isOwn: (path: string) => boolean,
): Promise<Collected> {
  const collected = await withoutOldVersions(connection, state, project, now);
  const { dropped, sizes } = collected;
  const kept = keptSizes(collected.state, sizes);
  if (kept !== '') await connection.run(kept);
  if (dropped.length === 0) return collected;
  const gone = new Set(dropped);
  const remaining = [...state.versions.values()].flat().filter((version) => !gone.has(version));
  const { texts, files } = collectSql(dropped, remaining);
  // What is dropped in one file and not in another after a crash is found again by the next run.
  for (const { sql } of texts) await connection.transaction(() => connection.run(sql));
  for (const file of files) if (isOwn(file)) fileStore.remove(file);
  return collected;
}

/** What a run would collect at its start. Touches nothing: a plan must count on no version that is gone when it is carried out. */
export async function withoutOldVersions(
  connection: Connection,
  state: LedgerState,
  project: Project,
  now: Date,
): Promise<Collected> {
  const retention = { ...project.root.settings.retention, ...project.target.retention };
  const wanted = {
    ...defaultRetention,
    ...(retention.versions === undefined ? {} : { versions: retention.versions }),
    ...(retention.days === undefined ? {} : { days: retention.days }),
    ...(retention.max_size === undefined ? {} : { maxBytes: bytesIn(retention.max_size) }),
  };
  const sizes = await sizesIn(connection, state, wanted.maxBytes);
  const dropped = collectable(state, wanted, now, (version) => sizes.get(version) ?? 0);
  if (dropped.length === 0) return { state, dropped, sizes };
  const gone = new Set(dropped);
  const versions = new Map(
    [...state.versions].map(([relation, all]) => [relation, all.filter((version) => !gone.has(version))]),
  );
  return { state: { ...state, versions }, dropped, sizes };
}

/** `10 GB` in bytes, decimal units as disks are sold. */
function bytesIn(text: string): number {
  const [, amount = '0', unit = ''] = /^\s*([\d.]+)\s*([kmgt]?)b?\s*$/i.exec(text) ?? [];
  return Number(amount) * 1000 ** ' kmgt'.indexOf(unit.toLowerCase() || ' ');
}

/**
 * What each version takes, where that can matter: nothing is measured while there are only published ones, or all of it together stays
 * below the limit, or below what is not worth the question.
 */
async function sizesIn(
  connection: Connection,
  state: LedgerState,
  maxBytes: number | undefined,
): Promise<ReadonlyMap<VersionRecord, number>> {
  const all = [...state.versions.values()].flat();
  if (all.every(({ relation, version }) => state.published.get(relation)?.version === version)) return new Map();
  const files = all.reduce((sum, { physical, bytes }) => sum + (physical.kind === 'external' ? (bytes ?? 0) : 0), 0);
  const use = await diskUse(connection);
  const used = state.ledgers.reduce((sum, database) => sum + (use.get(database)?.bytes ?? 0), files);
  return used <= (maxBytes ?? WORTH_MEASURING) ? new Map() : versionSizes(connection, state, all);
}
