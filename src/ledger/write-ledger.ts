/** The SQL that writes the ledger. Only text is made here: the publishing transaction runs it together with the data. */
import { ledgerSchema } from './open-ledger.ts';
import type {
  FilledRange,
  InputRecord,
  NodeRunRecord,
  PublicationRecord,
  RunRecord,
  TestRunRecord,
  VersionRecord,
} from './records.ts';
import { insertRows, literal, selectRows } from './rows.ts';

const RUN = [
  'run_id',
  'sequence',
  'command',
  'args',
  'target',
  'project',
  'git_sha',
  'git_dirty',
  'user',
  'dql_version',
  'engine_version',
  'started_at',
  'ended_at',
  'exit_code',
  'status',
] as const;
const NODE_RUN = [
  'run_id',
  'target',
  'node',
  'status',
  'reason',
  'message',
  'attempts',
  'rows',
  'bytes',
  'seconds',
  'code_fingerprint',
  'version',
  'published',
  'held_reason',
] as const;
const TEST_RUN = [
  'run_id',
  'target',
  'test',
  'node',
  'status',
  'verdict',
  'failures',
  'considered',
  'message',
  'value',
  'sample',
  'fingerprint',
  'holds_until',
  'executed_at',
  'seconds',
] as const;
const VERSION = [
  'target',
  'node',
  'relation',
  'database',
  'schema',
  'alias',
  'version',
  'run_id',
  'materialized',
  'physical',
  'code_fingerprint',
  'inputs',
  'former_inputs',
  'reads',
  'content_id',
  'content_hash',
  'rows',
  'bytes',
  'columns',
  'state',
  'built_at',
  'git_sha',
] as const;
const PUBLICATION = [
  'run_id',
  'sequence',
  'target',
  'node',
  'relation',
  'version',
  'published_at',
  'untested',
] as const;
const INTERVAL = ['target', 'node', 'relation', 'version', 'starts_at', 'ends_at', 'run_id'] as const;
const INPUT = ['input', 'mark', 'content_id', 'seen_at'] as const;

export const startRun = (database: string, run: RunRecord): string =>
  insertRows(`${ledgerSchema(database)}.ledger_runs`, RUN, [run]);

export const endRun = (
  database: string,
  run: Pick<RunRecord, 'run_id' | 'ended_at' | 'exit_code' | 'status'>,
): string =>
  `update ${ledgerSchema(database)}.ledger_runs
set ended_at = ${literal(run.ended_at)}, exit_code = ${literal(run.exit_code)}, status = ${literal(run.status)}
where run_id = ${literal(run.run_id)};`;

/** For what went wrong only after everything was published. */
export const endedWith = (database: string, runId: string, exitCode: number): string =>
  `update ${ledgerSchema(database)}.ledger_runs
set exit_code = ${literal(exitCode)}, status = 'failed'
where run_id = ${literal(runId)};`;

export const writeNodeRuns = (database: string, records: readonly NodeRunRecord[]): string =>
  insertRows(`${ledgerSchema(database)}.ledger_node_runs`, NODE_RUN, records);

export const writeTestRuns = (database: string, records: readonly TestRunRecord[]): string =>
  insertRows(`${ledgerSchema(database)}.ledger_test_runs`, TEST_RUN, records);

export const writeVersions = (database: string, records: readonly VersionRecord[]): string =>
  insertRows(`${ledgerSchema(database)}.ledger_versions`, VERSION, records);

export const writePublications = (database: string, records: readonly PublicationRecord[]): string =>
  insertRows(`${ledgerSchema(database)}.ledger_publications`, PUBLICATION, records);

export const writeInputs = (database: string, records: readonly InputRecord[]): string =>
  insertRows(`${ledgerSchema(database)}.ledger_inputs`, INPUT, records);

/** Replaces the records of these versions by what is known now (kept, hashed, re-based). */
export function replaceVersions(database: string, records: readonly VersionRecord[]): string {
  if (records.length === 0) return '';
  return `${forgetVersions(database, records)}\n${writeVersions(database, records)}`;
}

export function forgetVersions(
  database: string,
  records: readonly Pick<VersionRecord, 'relation' | 'version'>[],
): string {
  if (records.length === 0) return '';
  return `delete from ${ledgerSchema(database)}.ledger_versions as version
using (${selectRows(['relation', 'version'], records)}) as gone
where version.relation = gone.relation and version.version = gone.version::integer;`;
}

/** What versions take on disk, measured after they were written. */
export const keepBytes = (
  database: string,
  sizes: readonly (readonly [Pick<VersionRecord, 'relation' | 'version'>, number])[],
): string =>
  `update ${ledgerSchema(database)}.ledger_versions as version set bytes = measured.bytes
from (values ${sizes.map(([{ relation, version }, bytes]) => `(${literal(relation)}, ${version}, ${bytes})`).join(', ')}) as measured (relation, version, bytes)
where version.relation = measured.relation and version.version = measured.version;`;

/** What a version of a microbatch model has filled, in place of whatever was said of it before. */
export function writeIntervals(
  database: string,
  version: Pick<VersionRecord, 'target' | 'node' | 'relation' | 'version' | 'run_id'>,
  filled: readonly FilledRange[],
): string {
  const { target, node, relation, run_id } = version;
  // Without any row, another build would be taken to have filled it all.
  const said = filled.length > 0 ? filled : [{ start: 0, end: 0 }];
  const rows = said.map(({ start, end }) => ({
    target,
    node,
    relation,
    version: version.version,
    starts_at: new Date(start).toISOString(),
    ends_at: new Date(end).toISOString(),
    run_id,
  }));
  return [
    forgetIntervals(database, [version]),
    insertRows(`${ledgerSchema(database)}.ledger_intervals`, INTERVAL, rows),
  ].join('\n');
}

export function forgetIntervals(
  database: string,
  records: readonly Pick<VersionRecord, 'relation' | 'version'>[],
): string {
  if (records.length === 0) return '';
  const keys = records.map((record) => `(${literal(record.relation)}, ${record.version})`).join(', ');
  return `delete from ${ledgerSchema(database)}.ledger_intervals where (relation, version) in (${keys});`;
}
