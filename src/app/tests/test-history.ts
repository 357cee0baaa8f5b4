/** What the ledger remembers, for the tests that judge by it: `volume_change`, `schema_unchanged`, `execution_sla`, `duration_sla`. */
import type { CheckHistory } from '../../checks/history.ts';
import { resolveCheck } from '../../checks/resolve-check.ts';
import type { GraphNode, Manifest } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { Connection } from '../../engine/engine.ts';
import { readFigures, readRunsOf } from '../../ledger/read-ledger.ts';
import { type LedgerState, publishedVersion, type VersionRecord } from '../../ledger/records.ts';
import { relationOf } from '../../plan/plan-run.ts';

export interface Remembered {
  readonly manifest: Manifest;
  readonly state: LedgerState;
  readonly target: string;
}

/** Which part of the ledger a test judges by; undefined for the many that judge by rows alone. */
export function pastOf({ test_metadata }: GraphNode): 'figures' | 'columns' | 'runs' | undefined {
  const resolved = test_metadata && resolveCheck(test_metadata.name, test_metadata.namespace, test_metadata.kwargs);
  return resolved && 'check' in resolved ? resolved.check.past : undefined;
}

/** @param isNew the rows under test are those of this run; otherwise they are what is published, and its own past counts */
export async function testHistory(
  remembered: Remembered,
  test: GraphNode,
  subject: NodeId,
  isNew: boolean,
  connection: Connection,
): Promise<CheckHistory> {
  const past = pastOf(test);
  const { state, manifest, target } = remembered;
  if (past === undefined || state.ledgers.length === 0) return {};
  if (past === 'runs') return { runs: await runsOf(connection, state, target, subject) };
  const node = manifest.nodes[subject];
  const earlier = node === undefined ? [] : versionsBefore(state, relationOf(node), isNew);
  if (past === 'columns') return { previousColumns: earlier.findLast(({ columns }) => columns.length > 0)?.columns };
  const until = isNew || !node ? undefined : publishedVersion(state, relationOf(node))?.built_at;
  return { rowCounts: await rowCounts(connection, remembered, test, earlier, until) };
}

/** What was published before the rows under test, oldest first; of these a version is the last, whatever its number, when it is what readers see. */
function versionsBefore(state: LedgerState, relation: string, isNew: boolean): readonly VersionRecord[] {
  const published = publishedVersion(state, relation);
  const kept = (state.versions.get(relation) ?? []).filter(({ state: kind }) => kind === 'kept').toReversed();
  if (published === undefined) return kept;
  const older = kept.filter(({ version }) => version < published.version);
  return isNew ? [...older, published] : older;
}

/**
 * What the test counted itself: that knows its `where`, sources have it, too, and it stays when versions are collected. Versions that were published
 * without the test, as by `dql run`, or before it was written, count where their rows are its rows.
 */
async function rowCounts(
  connection: Connection,
  { state, target }: Remembered,
  test: GraphNode,
  earlier: readonly VersionRecord[],
  until: string | undefined,
): Promise<NonNullable<CheckHistory['rowCounts']>> {
  const figures = await readFigures(connection, state, target, test.unique_id);
  const before = figures.filter(({ at }) => until === undefined || at < until);
  // The first rows of all have no others to be compared with than themselves.
  const counted = (before.length > 0 ? before : figures).map(({ at, value }) => ({ at, rows: value }));
  const last = counted.at(-1)?.at ?? '';
  const untested = earlier.flatMap(({ built_at, rows, physical }) =>
    // A delta counts its slice.
    rows === null || physical.kind === 'delta' || test.config['where'] || built_at <= last
      ? []
      : [{ at: built_at, rows }],
  );
  return [...counted, ...untested];
}

async function runsOf(
  connection: Connection,
  state: LedgerState,
  target: string,
  node: NodeId,
): Promise<NonNullable<CheckHistory['runs']>> {
  const runs = await readRunsOf(connection, state, target, node);
  return runs.map(({ started_at, ended_at, status, seconds, published }) => ({
    startedAt: started_at,
    completedAt: ended_at,
    seconds: status === 'success' ? seconds : null,
    status: published ? 'success' : status === 'skipped' ? 'skipped' : 'error',
  }));
}
