/** Whether two versions hold the same rows, asked of the engine: what lets a rebuild that changed nothing stop there. */
import { quotedIdentifier } from '../core/quote.ts';
import type { Connection } from '../engine/engine.ts';

/**
 * An order-independent hash of all rows of `object`, over the given columns (all when omitted). Sums rather than xors, so that a pair of
 * equal rows does not cancel out; the row count is part of it. About 0.2 s for 20 M rows of 4 columns.
 */
export async function contentHash(
  connection: Connection,
  object: string,
  columns?: readonly string[],
): Promise<string> {
  const row =
    columns === undefined ? 't' : `row(${columns.map((column) => `t.${quotedIdentifier(column)}`).join(', ')})`;
  const rows = columns?.length === 0 ? '0::hugeint' : `coalesce(sum(hash(${row})::hugeint), 0)`;
  const answer = await connection.query(`select count(*)::varchar || ':' || (${rows})::varchar from ${object} as t`);
  return String(answer.rows[0]?.[0]);
}

export async function rowCount(connection: Connection, object: string): Promise<number> {
  const answer = await connection.query(`select count(*) from ${object}`);
  return Number(answer.rows[0]?.[0]);
}
