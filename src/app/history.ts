import { readNodeRuns, readPublications, readRuns, readTestRuns } from '../ledger/read-ledger.ts';
import {
  type LedgerState,
  type NodeRunRecord,
  type PublicationRecord,
  publishedVersion,
  type RunRecord,
  rowsBuiltAt,
  type TestRunRecord,
} from '../ledger/records.ts';
import { ROLLED_BACK } from '../run/publish-return.ts';
import type { HistoryAnswer, HistoryNode, HistoryRun, UseCases } from './contract.ts';
import { nameInId } from './opening/name-in-id.ts';
import { settingsOfTarget } from './opening/read-settings.ts';
import { findRun } from './running/find-run.ts';
import { lookBack } from './running/open-past.ts';

/** The runs of this target, newest first, or one run in detail; and what is held back now. Opens the warehouse READ_ONLY. */
export const history: UseCases['history'] = async (options, hooks) => {
  const project = await settingsOfTarget(options, hooks);
  return lookBack(project, options, hooks, async ({ warehouse, connection, state, hasLedger }) => {
    if (!hasLedger) return { runs: [], held: [], rolled_back: [] };
    const { database } = warehouse;
    const known = await readRuns(connection, database, Number.MAX_SAFE_INTEGER);
    const wanted =
      options.run === undefined
        ? known.filter((run) => run.target === project.target.name).slice(0, Math.max(0, options.limit))
        : [findRun(known, options.run)];
    const ids = wanted.map((run) => run.run_id);
    const facts: Facts = {
      nodeRuns: byRun(await readNodeRuns(connection, database, ids)),
      testRuns: byRun(await readTestRuns(connection, database, ids)),
      publications: byRun(await readPublications(connection, state.ledgers)),
    };
    return {
      runs: wanted.map((run) => historyRun(run, facts, options.run !== undefined)),
      ...(options.run === undefined ? servingOlder(state, options.now) : { held: [], rolled_back: [] }),
    };
  });
};

interface Facts {
  readonly nodeRuns: ReadonlyMap<string, readonly NodeRunRecord[]>;
  readonly testRuns: ReadonlyMap<string, readonly TestRunRecord[]>;
  readonly publications: ReadonlyMap<string, readonly PublicationRecord[]>;
}

function historyRun(run: RunRecord, facts: Facts, inDetail: boolean): HistoryRun {
  const nodes = facts.nodeRuns.get(run.run_id) ?? [];
  const tests = facts.testRuns.get(run.run_id) ?? [];
  const counted = (statuses: readonly string[], list: readonly { readonly status: string }[]) =>
    list.filter(({ status }) => statuses.includes(status)).length;
  return {
    run_id: run.run_id,
    command: run.command,
    args: run.args,
    target: run.target,
    status: statusOf(run),
    exit_code: run.exit_code,
    started_at: run.started_at,
    finished_at: run.ended_at,
    seconds: run.ended_at === null ? null : (Date.parse(run.ended_at) - Date.parse(run.started_at)) / 1000,
    git_sha: run.git_sha,
    git_dirty: run.git_dirty,
    user: run.user,
    dql_version: run.dql_version,
    engine_version: run.engine_version,
    built: counted(['success', 'partial success'], nodes),
    reused: counted(['reused'], nodes),
    failed: counted(['error', 'partial success'], nodes) + counted(['error', 'fail', 'runtime error'], tests),
    held: nodes.filter((node) => node.held_reason !== null && !node.published && node.status !== ROLLED_BACK).length,
    published: facts.publications.get(run.run_id)?.length ?? 0,
    nodes: inDetail ? [...nodes.map((node) => builtNode(node)), ...tests.map((test) => testedNode(test))] : [],
  };
}

/** The warehouse is opened READ_ONLY, which no writer allows beside it: who has not written its end by now never will. */
function statusOf({ status, ended_at }: RunRecord): HistoryRun['status'] {
  if (status === 'failed') return 'error';
  return status === 'running' || ended_at === null ? 'crashed' : status;
}

const builtNode = (node: NodeRunRecord): HistoryNode => ({
  node: node.node,
  name: nameInId(node.node),
  status: node.status,
  reason: node.held_reason ?? node.reason,
  rows: node.rows,
  seconds: node.seconds,
  version: node.version,
  published: node.published,
  failures: null,
  message: node.message,
});

const testedNode = (test: TestRunRecord): HistoryNode => ({
  node: test.test,
  name: nameInId(test.test),
  status: test.status,
  reason: test.verdict === test.status ? null : test.verdict,
  rows: test.considered,
  seconds: test.seconds,
  version: null,
  published: null,
  failures: test.failures,
  message: null,
});

/** Nodes whose last build was held back, and those that were returned to an earlier version and not built since. */
function servingOlder(state: LedgerState, now: Date): Pick<HistoryAnswer, 'held' | 'rolled_back'> {
  const relationOf = new Map(
    [...state.versions].flatMap(([relation, [newest]]) => (newest ? [[newest.node, relation]] : [])),
  );
  const all = [...state.nodeRuns.values()]
    .flatMap((last) => {
      if (last.held_reason === null) return [];
      const relation = relationOf.get(last.node);
      const serving = relation === undefined ? undefined : publishedVersion(state, relation);
      const since = serving ? rowsBuiltAt(state, serving) : undefined;
      return [
        {
          status: last.status,
          node: last.node,
          name: nameInId(last.node),
          reason: last.held_reason,
          serving_since: since?.toISOString() ?? null,
          serving_version: serving?.version ?? null,
          age_seconds: since ? Math.max(0, Math.round((now.getTime() - since.getTime()) / 1000)) : null,
        },
      ];
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  const those = (isRolledBack: boolean) =>
    all.flatMap(({ status, ...rest }) => ((status === ROLLED_BACK) === isRolledBack ? [rest] : []));
  return { held: those(false), rolled_back: those(true) };
}

function byRun<T extends { readonly run_id: string }>(records: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const record of records) {
    const list = found.get(record.run_id);
    if (list) list.push(record);
    else found.set(record.run_id, [record]);
  }
  return found;
}

/** `model.shop.orders` is gone from the project: its id still says its name. */
