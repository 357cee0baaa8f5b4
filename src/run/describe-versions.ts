/** Columns of what was built, and what of it is not there any more. */
import { EngineError } from '../core/engine-error.ts';
import type { NodeId } from '../core/node-id.ts';
import { quotedString } from '../core/quote.ts';
import type { Column, Connection } from '../engine/engine.ts';
import { LEDGER_SCHEMA, publicName } from '../ledger/names.ts';
import type { NewVersion } from './progress.ts';

/** Describing a relation takes half a millisecond; asking for all columns of a warehouse binds each of its views, which takes forty and more. */
const FEW = 60;

export interface Described {
  readonly columns: ReadonlyMap<string, readonly Column[]>;
  /** Nodes of which nothing is left: their hooks dropped what was built. */
  readonly dropped: readonly NodeId[];
}

/** The columns of all new versions by object, in one question where there are many. */
export async function describeVersions(
  connection: Connection,
  fresh: readonly NewVersion[],
  known: ReadonlyMap<string, readonly Column[]>,
): Promise<Described> {
  const isUnknown = ({ version, object }: NewVersion) =>
    !known.has(object) && (version.columns.length === 0 || version.physical.kind !== 'view');
  const unknown = fresh.filter(isUnknown);
  const columns = new Map(unknown.length <= FEW ? known : await columnsOfAll(connection));
  const dropped: NodeId[] = [];
  for (const { object, node, version } of unknown) {
    // Nobody drops a file, and its columns were told when it was written.
    if (columns.has(object) || (unknown.length > FEW && version.physical.kind === 'external')) continue;
    const found = await columnsIfThere(connection, object);
    if (found) columns.set(object, found);
    else dropped.push(node.unique_id);
  }
  return { columns, dropped };
}

/** Undefined when it is not there. */
export async function columnsIfThere(connection: Connection, object: string): Promise<readonly Column[] | undefined> {
  try {
    return await connection.describe(`from ${object}`);
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'catalog') return undefined;
    throw error;
  }
}

/** Of everything in the warehouse that is dql's. */
async function columnsOfAll(connection: Connection): Promise<ReadonlyMap<string, readonly Column[]>> {
  const found = await connection.query(
    `select database_name, schema_name, table_name, list({name: column_name, type: data_type} order by column_index)
     from duckdb_columns()
     where schema_name = ${quotedString(LEDGER_SCHEMA)} or table_name like '%\\_\\_dql\\_%' escape '\\'
     group by all`,
  );
  return new Map(
    found.rows.map(([database, schema, alias, columns]) => [
      publicName({ database: String(database), schema: String(schema), alias: String(alias) }),
      (columns as unknown as readonly Column[]).map((column) => ({ name: column.name, type: column.type })), // the query's own shape
    ]),
  );
}
