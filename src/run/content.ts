/** Whether two versions hold the same rows, asked of the engine: what lets a rebuild that changed nothing stop there. */
import { quotedIdentifier } from '../core/quote.ts';
import type { Column, Connection } from '../engine/engine.ts';

/**
 * An order-independent hash of all rows of `object`, over the given columns. Sums rather than xors, so that a pair of equal rows does not
 * cancel out; the row count is part of it. About 0.2 s for 20 M rows of 4 columns. Names and types of the columns are not in it.
 */
export const contentHash = (connection: Connection, object: string, columns: readonly Column[]): Promise<string> =>
  hashOf(connection, object, columns.flatMap(hashed));

/** The same of a table's rows in the order they stand in. */
export const orderedHash = (connection: Connection, table: string, columns: readonly Column[]): Promise<string> =>
  hashOf(connection, table, [...columns.flatMap(hashed), 't.rowid']);

/** Of a relation as it stands: its columns' names, types and order, and its rows. */
export async function relationHash(connection: Connection, object: string): Promise<string> {
  const columns = await connection.describe(`from ${object}`);
  return `${await contentHash(connection, object, columns)}:${shapeOf(columns)}`;
}

/** Equal for columns of the same names and types in the same order. */
export const shapeOf = (columns: readonly Column[]): string =>
  JSON.stringify(columns.map(({ name, type }) => [name, type]));

async function hashOf(connection: Connection, object: string, values: readonly string[]): Promise<string> {
  // Of an alias alone it would take a column of that name.
  const rows = values.length === 0 ? '0::hugeint' : `coalesce(sum(hash(${values.join(', ')})::hugeint), 0)`;
  const answer = await connection.query(`select count(*)::varchar || ':' || (${rows})::varchar from ${object} as t`);
  return String(answer.rows[0]?.[0]);
}

/**
 * What of a column is hashed. DuckDB hashes values alike that it calls equal and that are not the same to whoever reads them (a month and
 * 30 days, 0.0 and -0.0), and a list like the values in it, whether it is empty, or missing.
 */
function hashed({ name, type }: Column): readonly string[] {
  const value = `t.${quotedIdentifier(name)}`;
  if (PLAIN.test(type)) return [value];
  if (FLOATS.test(type)) return [value, `signbit(${value})`];
  const list = /^(.*)\[\d*\]$/.exec(type)?.[1];
  if (list !== undefined && (PLAIN.test(list) || FLOATS.test(list))) return [value, `len(${value})`];
  return [value, `${value}::varchar`];
}

const FLOATS = /^(?:FLOAT|DOUBLE)$/;
/** Types of which equal values are the same. */
const PLAIN =
  /^(?:BOOLEAN|U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\([\d,]+\)|VARCHAR|JSON|UUID|BLOB|BIT|DATE|TIME(?:STAMP)?(?:_S|_MS|_NS)?(?: WITH TIME ZONE)?|ENUM\((?:'(?:[^']|'')*'(?:, )?)*\))$/;
