/** The ledger's rows in the shape the docs site shows: how past runs went, which versions are kept, what is held. */
import type { Manifest } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import { readArtifact } from '../../disk/read-artifact.ts';
import {
  type KeptVersion,
  type MeasuredFreshness,
  ROLLED_BACK,
  type RolledBack,
  type RunHistoryEntry,
} from '../../docs/docs.ts';
import type { Connection } from '../../engine/engine.ts';
import { ledgerVersion } from '../../ledger/open-ledger.ts';
import { readOutcomes } from '../../ledger/read-ledger.ts';
import { type LedgerState, publishedVersion, rowsBuiltAt } from '../../ledger/records.ts';
import { LEDGER_VERSION } from '../../ledger/schema.ts';
import { relationOf } from '../../plan/plan-run.ts';
import type { Held } from '../../run/results.ts';
import { isSlice } from '../artifacts/catalog.ts';
import type { FreshnessResults } from '../contract.ts';
import { nodeStatus, testVerdict } from './docs-status.ts';

const RUNS = 60;

export async function runHistory(
  connection: Connection,
  database: string,
  target: string,
): Promise<readonly RunHistoryEntry[]> {
  const version = await ledgerVersion(connection, database);
  // Of one that a newer dql wrote `openedState` tells.
  if (version === 0 || version > LEDGER_VERSION) return [];
  const last = await readOutcomes(connection, database, target, RUNS);
  return last.map(({ run, nodes, tests }) => ({
    id: run.run_id,
    started_at: run.started_at,
    seconds: (Date.parse(run.ended_at ?? run.started_at) - Date.parse(run.started_at)) / 1000,
    status: run.status === 'success' ? 'success' : run.status === 'interrupted' ? 'interrupted' : 'error',
    command: run.command,
    git_sha: run.git_sha,
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([id, { seconds, rows, status, reason, held_reason }]) => [
        id,
        {
          seconds: seconds ?? 0,
          rows,
          status: nodeStatus(status),
          reason,
          ...(held_reason !== null && { held: true as const }),
        },
      ]),
    ),
    tests: Object.fromEntries(
      Object.entries(tests).map(([id, { verdict, failures }]) => [id, { verdict: testVerdict(verdict), failures }]),
    ),
  }));
}

export function keptVersions(manifest: Manifest, state: LedgerState): Readonly<Record<NodeId, readonly KeptVersion[]>> {
  return Object.fromEntries(
    Object.values(manifest.nodes).flatMap((node) => {
      if (node.relation_name === null) return [];
      const relation = relationOf(node);
      const current = publishedVersion(state, relation)?.version;
      const kept = (state.versions.get(relation) ?? []).filter((version) => version.state === 'kept');
      const versions = kept.map(
        (version): KeptVersion => ({
          version: version.version,
          built_at: version.built_at,
          rows: isSlice(version) ? null : version.rows,
          bytes: version.bytes,
          run_id: version.run_id,
          git_sha: version.git_sha,
          reason: null,
          current: version.version === current,
        }),
      );
      return versions.length > 0 ? [[node.unique_id, versions] as const] : [];
    }),
  );
}

/** Nodes of which readers see an older version than the last build, by why that is so. */
export function servingOlder(
  manifest: Manifest,
  state: LedgerState,
  now: Date,
): { readonly held: Readonly<Record<NodeId, Held>>; readonly rolledBack: Readonly<Record<NodeId, RolledBack>> } {
  const held: Record<NodeId, Held> = {};
  const rolledBack: Record<NodeId, RolledBack> = {};
  for (const { node: id, run_id, status, held_reason: reason } of state.nodeRuns.values()) {
    const node = manifest.nodes[id];
    if (reason === null || !node || node.relation_name === null) continue;
    const relation = relationOf(node);
    const publication = state.published.get(relation);
    const version = publishedVersion(state, relation);
    const since =
      publication?.version === null
        ? null
        : version
          ? rowsBuiltAt(state, version).toISOString()
          : (publication?.published_at ?? null);
    if (status === ROLLED_BACK)
      rolledBack[id] = { reason, run_id, at: publication?.published_at ?? null, serving_since: since };
    else
      held[id] = {
        reason,
        because: [],
        serving_since: since,
        serving_version: publication?.version ?? null,
        age_seconds: since === null ? null : (now.getTime() - Date.parse(since)) / 1000,
      };
  }
  return { held, rolledBack };
}

/** What `dql source freshness` measured last. */
export function measuredFreshness(targetFolder: string): Readonly<Record<NodeId, MeasuredFreshness>> {
  const sources = readArtifact<FreshnessResults>(targetFolder, 'sources.json');
  return Object.fromEntries(
    (sources?.results ?? []).map((result) => [
      result.unique_id,
      {
        status: result.status,
        // Of no rows dbt says that the newest is of the year 1.
        max_loaded_at: result.max_loaded_at?.startsWith('0001-') ? null : result.max_loaded_at,
        snapshotted_at: result.snapshotted_at ?? String(sources?.metadata['generated_at'] ?? ''),
        age_seconds: result.max_loaded_at_time_ago_in_s,
        expectation: expectationOf(result.criteria),
      },
    ]),
  );
}

function expectationOf(criteria: FreshnessResults['results'][number]['criteria']): string | null {
  const parts = ['warn_after', 'error_after'].flatMap((key) => {
    const threshold = criteria?.[key];
    if (typeof threshold !== 'object' || threshold === null || !('count' in threshold) || threshold['count'] === null)
      return [];
    return [
      `${key.replace('_', ' ')} ${threshold['count']} ${threshold['period']}${threshold['count'] === 1 ? '' : 's'}`,
    ];
  });
  return parts.length > 0 ? parts.join(', ') : null;
}
