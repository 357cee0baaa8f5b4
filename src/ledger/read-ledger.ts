import type { Json, NodeId } from '../core/node-id.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { Cell, Connection } from '../engine/engine.ts';
import { databaseKey } from './names.ts';
import { ledgerSchema } from './open-ledger.ts';
import type {
  FilledRange,
  InputRecord,
  LedgerState,
  NodeRunRecord,
  PublicationRecord,
  RunRecord,
  TestRunRecord,
  VersionRecord,
} from './records.ts';
import { flagOrNull, numberOrNull, textOf, textOrNull, timeOf } from './rows.ts';

type Row = Readonly<Record<string, Cell>>;

/**
 * All a run of `target` needs to know of the past. The ledgers must be open and of this code's version.
 * @param ledgers the target's own database first: runs and tests are there; versions are where their rows are
 * @param wanted relations of attached files to tell of although no run of this warehouse made them, by key
 */
export async function readLedger(
  connection: Connection,
  ledgers: readonly string[],
  target: string,
  wanted: ReadonlySet<string> = new Set(),
): Promise<LedgerState> {
  const schema = ledgerSchema(ledgers[0] ?? '');
  const mine = `target = ${quotedString(target)}`;
  // All at once: the engine answers one while the answer before is read.
  const [sequence, versions, published, tests, nodeRuns, inputs, intervals, projects] = await Promise.all([
    rowsOf(
      connection,
      ledgers
        .flatMap((database) =>
          ['ledger_runs', 'ledger_publications'].map((table) => `${ledgerSchema(database)}.${table}`),
        )
        .map((table) => `select coalesce(max(sequence), 0) as last from ${table}`)
        .join('\nunion all\n'),
    ),
    rowsOf(connection, `${everywhere(ledgers, 'ledger_versions', wanted)} order by relation, version desc`),
    // Not the view `published`: in a file that is attached by another name it would read another file's table.
    rowsOf(
      connection,
      `select *, max(version) over (partition by relation) as highest from (${everywhere(ledgers, 'ledger_publications', wanted)})
     qualify row_number() over (partition by relation order by sequence desc, published_at desc) = 1`,
    ),
    rowsOf(
      connection,
      `select * from ${schema}.ledger_test_runs where ${mine} qualify row_number() over (partition by test order by executed_at desc) = 1`,
    ),
    rowsOf(
      connection,
      `select n.* from ${schema}.ledger_node_runs n join ${schema}.ledger_runs r using (run_id) where n.${mine}
     qualify row_number() over (partition by n.node order by r.sequence desc) = 1`,
    ),
    rowsOf(
      connection,
      `select * from ${schema}.ledger_inputs qualify row_number() over (partition by input order by seen_at desc) = 1`,
    ),
    readIntervals(connection, ledgers),
    // A ledger that is only looked at may be of an earlier dql and lack the project.
    rowsOf(
      connection,
      `select columns('^(run_id|project)$') from ${schema}.ledger_runs where run_id in (select run_id from (${everywhere(ledgers, 'ledger_versions', wanted)}))`,
    ),
  ]);
  const byRelation = new Map<string, VersionRecord[]>();
  for (const record of versions.map(versionRecord)) {
    const kept = byRelation.get(record.relation);
    if (kept) kept.push(record);
    else byRelation.set(record.relation, [record]);
  }
  return {
    ledgers,
    lastSequence: Math.max(...sequence.map((row) => Number(row['last']))),
    versions: byRelation,
    published: new Map(published.map(publicationRecord).map((record) => [record.relation, record])),
    highest: new Map(published.map((row) => [textOf(row['relation']), Number(row['highest'])])),
    tests: new Map(tests.map(testRunRecord).map((record) => [record.test, record])),
    nodeRuns: new Map(nodeRuns.map(nodeRunRecord).map((record) => [record.node, record])),
    inputs: new Map(inputs.map(inputRecord).map((record) => [record.input, record])),
    intervals,
    copies: await readCopies(connection, schema, versions),
    projects: new Map(
      projects.flatMap((row) => {
        const project = textOrNull(row['project']);
        return project === null ? [] : [[textOf(row['run_id']), project] as const];
      }),
    ),
  };
}

/**
 * An attached file may be the warehouse of another project, or a copy of a file that is attached, too: of it counts what runs of this
 * project made there, neither under the name of another nor as a warehouse of its own.
 */
function everywhere(ledgers: readonly string[], table: string, wanted: ReadonlySet<string> = new Set()): string {
  const runs = `${ledgerSchema(ledgers[0] ?? '')}.ledger_runs`;
  return ledgers
    .map((database, index) => {
      const ledger = ledgerSchema(database);
      if (index === 0) return `select * from ${ledger}.${table}`;
      const others = ledgers.filter((other) => other !== database).map(databaseKey);
      const named = [...wanted].filter((relation) => relation.startsWith(databaseKey(database))).map(quotedString);
      const made = `select relation from ${ledger}.ledger_versions
where run_id in (select run_id from ${runs}) and run_id not in (select run_id from ${ledger}.ledger_runs)
and split_part(relation, '.', 1) || '.' not in (${others.map(quotedString).join(', ')})`;
      return `select * from ${ledger}.${table} where relation in (${made})${named.length > 0 ? ` or relation in (${named.join(', ')})` : ''}`;
    })
    .join('\nunion all by name\n');
}

async function readCopies(
  connection: Connection,
  schema: string,
  versions: readonly Row[],
): Promise<LedgerState['copies']> {
  if (!versions.some((row) => textOf(row['physical']).includes('"copied"'))) return new Map();
  const rows = await rowsOf(connection, `select relation, version from ${schema}.ledger_copies`);
  return new Map(rows.map((row) => [textOf(row['relation']), Number(row['version'])]));
}

async function readIntervals(connection: Connection, ledgers: readonly string[]): Promise<LedgerState['intervals']> {
  const rows = await rowsOf(
    connection,
    `select relation || '@' || version as key, epoch_ms(starts_at) as starts, epoch_ms(ends_at) as ends
     from (${everywhere(ledgers, 'ledger_intervals')}) order by starts_at`,
  );
  const found = new Map<string, FilledRange[]>();
  for (const row of rows) {
    const key = textOf(row['key']);
    const [start, end] = [Number(row['starts']), Number(row['ends'])];
    // A range without length says that nothing is filled.
    found.set(key, [...(found.get(key) ?? []), ...(start < end ? [{ start, end }] : [])]);
  }
  return found;
}

/** Runs, newest first. */
export async function readRuns(connection: Connection, database: string, limit: number): Promise<readonly RunRecord[]> {
  const rows = await rowsOf(
    connection,
    `select * from ${ledgerSchema(database)}.ledger_runs order by sequence desc limit ${limit}`,
  );
  return rows.map(runRecord);
}

/** What became of each node and test in a run. */
export interface RunOutcomes {
  readonly run: RunRecord;
  readonly nodes: Readonly<
    Record<NodeId, Pick<NodeRunRecord, 'seconds' | 'rows' | 'status' | 'reason' | 'held_reason'>>
  >;
  readonly tests: Readonly<Record<NodeId, Pick<TestRunRecord, 'verdict' | 'failures'>>>;
}

/** The last runs of a target that ended, newest first. One text a run: there may be thousands of nodes in each. */
export async function readOutcomes(
  connection: Connection,
  database: string,
  target: string,
  limit: number,
): Promise<readonly RunOutcomes[]> {
  const schema = ledgerSchema(database);
  const last = `select * from ${schema}.ledger_runs
     where target = ${quotedString(target)} and ended_at is not null order by sequence desc limit ${limit}`;
  const byRun = async (table: string, key: string, fields: readonly string[]) => {
    const { rows } = await connection.query(
      `select run_id, json_group_object(${key}, {${fields.map((field) => `${quotedString(field)}: ${quotedIdentifier(field)}`).join(', ')}})::varchar
     from ${schema}.${table} where run_id in (select run_id from (${last})) group by run_id`,
    );
    return new Map(rows.map(([run, text]) => [textOf(run), text]));
  };
  const [runs, nodes, tests] = await Promise.all([
    rowsOf(connection, last),
    byRun('ledger_node_runs', 'node', ['seconds', 'rows', 'status', 'reason', 'held_reason']),
    byRun('ledger_test_runs', 'test', ['verdict', 'failures']),
  ]);
  return runs.map((row) => {
    const run = runRecord(row);
    return {
      run,
      nodes: json<RunOutcomes['nodes']>(nodes.get(run.run_id)) ?? {},
      tests: json<RunOutcomes['tests']>(tests.get(run.run_id)) ?? {},
    };
  });
}

/** Everything that was ever published, oldest first. */
export async function readPublications(
  connection: Connection,
  ledgers: readonly string[],
): Promise<readonly PublicationRecord[]> {
  const rows = await rowsOf(
    connection,
    `${everywhere(ledgers, 'ledger_publications')} order by sequence, published_at`,
  );
  return rows.map(publicationRecord);
}

/** Node runs of the given runs (all runs when omitted), oldest first. */
export async function readNodeRuns(
  connection: Connection,
  database: string,
  runs?: readonly string[],
): Promise<readonly NodeRunRecord[]> {
  const rows = await rowsOf(
    connection,
    `select * from ${ledgerSchema(database)}.node_runs${onlyRuns(runs)} order by sequence`,
  );
  return rows.map(nodeRunRecord);
}

/** The figures a test measured when it did not fail, oldest first. */
export async function readFigures(
  connection: Connection,
  { ledgers }: LedgerState,
  target: string,
  test: NodeId,
): Promise<readonly { readonly at: string; readonly value: number }[]> {
  const rows = await rowsOf(
    connection,
    `select executed_at, try_cast(value as double) as figure from ${ledgerSchema(ledgers[0] ?? '')}.ledger_test_runs
     where target = ${quotedString(target)} and test = ${quotedString(test)} and status in ('pass', 'warn') and figure is not null
     order by executed_at`,
  );
  return rows.map((row) => ({ at: timeOf(row['executed_at']) ?? '', value: Number(row['figure']) }));
}

/** When a node ran and what came of it, oldest first; runs that have not ended, or never will, are left out. */
export async function readRunsOf(
  connection: Connection,
  { ledgers }: LedgerState,
  target: string,
  node: NodeId,
): Promise<
  readonly (Pick<NodeRunRecord, 'status' | 'seconds' | 'published'> & Pick<RunRecord, 'started_at' | 'ended_at'>)[]
> {
  const schema = ledgerSchema(ledgers[0] ?? '');
  const rows = await rowsOf(
    connection,
    `select r.started_at, r.ended_at, n.status, n.seconds, n.published
     from ${schema}.ledger_node_runs n join ${schema}.ledger_runs r using (run_id)
     where n.target = ${quotedString(target)} and n.node = ${quotedString(node)} and r.ended_at is not null
     order by r.sequence`,
  );
  return rows.map((row) => ({
    started_at: timeOf(row['started_at']) ?? '',
    ended_at: timeOf(row['ended_at']),
    status: textOf(row['status']),
    seconds: Number(row['seconds'] ?? 0),
    published: Boolean(row['published']),
  }));
}

/** Test runs of the given runs (all runs when omitted), oldest first. */
export async function readTestRuns(
  connection: Connection,
  database: string,
  runs?: readonly string[],
): Promise<readonly TestRunRecord[]> {
  const rows = await rowsOf(
    connection,
    `select * from ${ledgerSchema(database)}.test_runs${onlyRuns(runs)} order by sequence`,
  );
  return rows.map(testRunRecord);
}

const onlyRuns = (runs: readonly string[] | undefined): string =>
  runs === undefined ? '' : ` where run_id in (${['', ...runs].map(quotedString).join(', ')})`;

/** One text a row: reading 20 values of 1,500 rows one by one takes longer than the query. */
async function rowsOf(connection: Connection, sql: string): Promise<readonly Row[]> {
  const { rows } = await connection.query(`select to_json(record)::varchar from (${sql}) as record`);
  return rows.map(([text]) => JSON.parse(textOf(text)) as Row); // what DuckDB makes of a row of these tables
}

// The JSON columns below were written by this room; their shape is the record's own.
const json = <T>(cell: Cell | undefined): T => JSON.parse(textOf(cell) || 'null') as T;

const runRecord = (row: Row): RunRecord => ({
  run_id: textOf(row['run_id']),
  sequence: Number(row['sequence']),
  command: textOf(row['command']),
  args: json<Readonly<Record<string, Json>>>(row['args']) ?? {},
  target: textOf(row['target']),
  project: textOrNull(row['project']),
  git_sha: textOrNull(row['git_sha']),
  git_dirty: flagOrNull(row['git_dirty']),
  user: textOrNull(row['user']),
  dql_version: textOf(row['dql_version']),
  engine_version: textOf(row['engine_version']),
  started_at: timeOf(row['started_at']) ?? '',
  ended_at: timeOf(row['ended_at']),
  exit_code: numberOrNull(row['exit_code']),
  status: textOf(row['status']) as RunRecord['status'],
});

const versionRecord = (row: Row): VersionRecord => ({
  target: textOf(row['target']),
  node: textOf(row['node']),
  relation: textOf(row['relation']),
  database: textOf(row['database']),
  schema: textOf(row['schema']),
  alias: textOf(row['alias']),
  version: Number(row['version']),
  run_id: textOf(row['run_id']),
  materialized: textOf(row['materialized']),
  physical: json<VersionRecord['physical']>(row['physical']),
  code_fingerprint: textOf(row['code_fingerprint']),
  inputs: json<Record<NodeId, string>>(row['inputs']) ?? {},
  former_inputs: json<VersionRecord['former_inputs']>(row['former_inputs']) ?? [],
  reads: json<readonly string[]>(row['reads']) ?? [],
  content_id: textOf(row['content_id']),
  content_hash: textOrNull(row['content_hash']),
  rows: numberOrNull(row['rows']),
  bytes: numberOrNull(row['bytes']),
  columns: json<VersionRecord['columns']>(row['columns']) ?? [],
  state: textOf(row['state']) as VersionRecord['state'],
  built_at: timeOf(row['built_at']) ?? '',
  git_sha: textOrNull(row['git_sha']),
});

const publicationRecord = (row: Row): PublicationRecord => ({
  run_id: textOf(row['run_id']),
  sequence: Number(row['sequence']),
  target: textOf(row['target']),
  node: textOf(row['node']),
  relation: textOf(row['relation']),
  version: numberOrNull(row['version']),
  published_at: timeOf(row['published_at']) ?? '',
  untested: Boolean(row['untested']),
});

const nodeRunRecord = (row: Row): NodeRunRecord => ({
  run_id: textOf(row['run_id']),
  target: textOf(row['target']),
  node: textOf(row['node']),
  status: textOf(row['status']),
  reason: textOrNull(row['reason']),
  message: textOrNull(row['message']),
  attempts: Number(row['attempts'] ?? 1),
  rows: numberOrNull(row['rows']),
  bytes: numberOrNull(row['bytes']),
  seconds: Number(row['seconds'] ?? 0),
  code_fingerprint: textOrNull(row['code_fingerprint']),
  version: numberOrNull(row['version']),
  published: Boolean(row['published']),
  held_reason: textOrNull(row['held_reason']),
});

const testRunRecord = (row: Row): TestRunRecord => ({
  run_id: textOf(row['run_id']),
  target: textOf(row['target']),
  test: textOf(row['test']),
  node: textOrNull(row['node']),
  status: textOf(row['status']),
  verdict: textOf(row['verdict']),
  failures: numberOrNull(row['failures']),
  considered: numberOrNull(row['considered']),
  message: textOrNull(row['message']),
  value: figureOf(row['value']),
  sample: json<Json>(row['sample']),
  fingerprint: textOf(row['fingerprint']),
  holds_until: timeOf(row['holds_until']),
  executed_at: timeOf(row['executed_at']) ?? '',
  seconds: Number(row['seconds'] ?? 0),
});

/** A figure is kept as text: `0.5`, `NOT_RUN`, `2026-11-21 06:00:00`. */
function figureOf(cell: Cell | undefined): number | string | null {
  const text = textOrNull(cell);
  return text === null || text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

const inputRecord = (row: Row): InputRecord => ({
  input: textOf(row['input']),
  mark: textOf(row['mark']),
  content_id: textOf(row['content_id']),
  seen_at: timeOf(row['seen_at']) ?? '',
});
