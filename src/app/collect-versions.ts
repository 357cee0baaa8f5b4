/** Drops versions of data that retention does not keep: at the start of a run, and for `dql clean --versions`. */
import { fileStore } from '../disk/file-store.ts';
import type { Connection } from '../engine/engine.ts';
import { collectable, collectSql, defaultRetention } from '../ledger/collect.ts';
import type { LedgerState, VersionRecord } from '../ledger/records.ts';
import type { Project } from '../project/project.ts';

export interface Collected {
  /** What is remembered afterwards. */
  readonly state: LedgerState;
  readonly dropped: readonly VersionRecord[];
}

/** Needs a warehouse opened for writing, which is the lock. Never drops what is published, nor what something kept reads. */
export async function collectVersions(
  connection: Connection,
  state: LedgerState,
  project: Project,
  now: Date,
): Promise<Collected> {
  const collected = withoutOldVersions(state, project, now);
  const { dropped } = collected;
  if (dropped.length === 0) return collected;
  const gone = new Set(dropped);
  const remaining = [...state.versions.values()].flat().filter((version) => !gone.has(version));
  const { texts, files } = collectSql(dropped, remaining);
  // What is dropped in one file and not in another after a crash is found again by the next run.
  for (const { sql } of texts) await connection.transaction(() => connection.run(sql));
  for (const file of files) fileStore.remove(file);
  return collected;
}

/** What a run would collect at its start. Touches nothing: a plan must count on no version that is gone when it is carried out. */
export function withoutOldVersions(state: LedgerState, project: Project, now: Date): Collected {
  const retention = { ...project.root.settings.retention, ...project.target.retention };
  const wanted = {
    ...defaultRetention,
    ...(retention.versions === undefined ? {} : { versions: retention.versions }),
    ...(retention.days === undefined ? {} : { days: retention.days }),
    ...(retention.max_size === undefined ? {} : { maxBytes: bytesIn(retention.max_size) }),
  };
  const dropped = collectable(state, wanted, now, (version) => estimatedBytes(state, version));
  if (dropped.length === 0) return { state, dropped };
  const gone = new Set(dropped);
  const versions = new Map(
    [...state.versions].map(([relation, all]) => [relation, all.filter((version) => !gone.has(version))]),
  );
  return { state: { ...state, versions }, dropped };
}

/** `10 GB` in bytes, decimal units as disks are sold. */
function bytesIn(text: string): number {
  const [, amount = '0', unit = ''] = /^\s*([\d.]+)\s*([kmgt]?)b?\s*$/i.exec(text) ?? [];
  return Number(amount) * 1000 ** ' kmgt'.indexOf(unit.toLowerCase() || ' ');
}

/**
 * Size of a version by rows and columns, 8 bytes a value: asking the engine for blocks costs more than a whole run where nothing changed.
 * A delta's rows are its slice; the published one stands for its whole base.
 */
function estimatedBytes(state: LedgerState, version: VersionRecord): number {
  const own = (version.rows ?? 0) * Math.max(1, version.columns.length) * 8;
  if (version.bytes !== null) return version.bytes;
  const { physical } = version;
  const isPublished = state.published.get(version.relation)?.version === version.version;
  if (physical.kind !== 'delta' || !isPublished) return own;
  return (
    (state.versions.get(version.relation) ?? []).reduce(
      (sum, other) =>
        other.physical.kind === 'delta' && other.physical.base === physical.base ? sum + (other.rows ?? 0) : sum,
      0,
    ) *
    version.columns.length *
    8
  );
}
