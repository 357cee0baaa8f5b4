/**
 * `store_failures`: the failing rows as a table in dbt's audit schema, also when the tested node is held; and beside it `<table>__history` with the
 * failing rows of earlier runs. It never blocks publishing; rows that cannot be stored are a warning.
 */

import type { CheckSql } from '../../checks/check.ts';
import type { GraphNode, Manifest } from '../../compile/manifest.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { EngineError } from '../../core/engine-error.ts';
import { quotedIdentifier as q, quotedString } from '../../core/quote.ts';
import type { Span } from '../../core/source.ts';
import type { Connection } from '../../engine/engine.ts';
import { toldMessage } from '../../run/told-error.ts';

export interface FailuresRequest {
  readonly node: GraphNode;
  readonly check: CheckSql;
  /** `--store-failures`; undefined: as the test says. */
  readonly asked: boolean | undefined;
  readonly hasFailures: boolean;
  readonly now: Date;
  readonly runId: string;
  readonly at: Span | undefined;
  readonly manifest: Manifest;
}

/** So many runs with failures are kept of each test. */
const KEPT_RUNS = 30;

/** The warning when it did not work; undefined also where the test stores nothing. Rejects only when interrupted. */
export async function storeFailures(request: FailuresRequest, connection: Connection): Promise<Diagnostic | undefined> {
  const { node, check } = request;
  const stores = request.asked ?? node.config['store_failures'] === true;
  const as = node.config['store_failures_as'];
  if (!(stores || as === 'table' || as === 'view') || (as === 'ephemeral' && !stores)) return undefined;
  const [kind, other] = as === 'view' ? (['view', 'table'] as const) : (['table', 'view'] as const);
  const schema = `${q(node.database)}.${q(node.schema)}`;
  const relation = `${schema}.${q(node.alias)}`;
  // dbt keeps this one column; ours shows people more.
  const rows = check.name === 'relationships' ? `select from_field\nfrom (\n${check.failing}\n)` : check.failing;
  try {
    await connection.run(`create schema if not exists ${schema}`);
    // What stored them before may have been of the other kind, which `or replace` does not replace.
    if (await isThere(connection, node, other)) await connection.run(`drop ${other} ${relation}`);
    await connection.run(
      `create or replace ${kind} ${relation} as\n${rows}`,
      check.usesNow ? [request.now.toISOString()] : [],
    );
    if (kind === 'table' && request.hasFailures)
      await remember(request, relation, `${schema}.${q(`${node.alias}__history`)}`, connection);
    return undefined;
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
    return {
      code: 'run/failures-not-stored',
      severity: 'warning',
      message: `the failing rows of \`${node.name}\` are not stored: ${toldMessage(error.message.split('\n')[0] ?? '', request.manifest, [node.unique_id])}`,
      at: request.at,
      hint: `they would be the ${kind} ${relation}; \`dql inspect ${node.name}\` shows them all the same`,
    };
  }
}

/** Adds the rows of this run to those of earlier ones; a column that is new or has another type now is made room for. */
async function remember(
  { now, runId }: FailuresRequest,
  stored: string,
  history: string,
  connection: Connection,
): Promise<void> {
  const run = `${quotedString(runId)} as dql_run_id, timestamp ${quotedString(now.toISOString().replace('Z', ''))} as dql_failed_at`;
  await connection.run(`create table if not exists ${history} as\nselect ${run}, *\nfrom ${stored}\nlimit 0`);
  const known = new Map(
    (await connection.describe(`from ${history}`)).map(({ name, type }) => [name.toLowerCase(), type]),
  );
  for (const { name, type } of await connection.describe(`from ${stored}`)) {
    const before = known.get(name.toLowerCase());
    if (before === undefined) await connection.run(`alter table ${history} add column ${q(name)} ${type}`);
    else if (before !== type) await connection.run(`alter table ${history} alter column ${q(name)} type varchar`);
  }
  await connection.run(`insert into ${history} by name\nselect ${run}, *\nfrom ${stored}`);
  await connection.run(
    `delete from ${history}\nwhere dql_run_id not in (\n  select dql_run_id\n  from ${history}\n  group by dql_run_id\n  order by max(dql_failed_at) desc\n  limit ${KEPT_RUNS}\n)`,
  );
}

async function isThere(connection: Connection, node: GraphNode, kind: 'table' | 'view'): Promise<boolean> {
  const found = await connection.query(
    `select 1 from duckdb_${kind}s() where database_name = ${quotedString(node.database)} and schema_name = ${quotedString(node.schema)} and ${kind}_name = ${quotedString(node.alias)}`,
  );
  return found.rows.length > 0;
}
