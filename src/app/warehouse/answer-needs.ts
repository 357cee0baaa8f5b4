/** Answers what templates ask the warehouse while they are rendered. */

import type { Answer, AnsweredTable, Need, RelationAddress, RelationFacts } from '../../compile/needs.ts';
import { EngineError } from '../../core/engine-error.ts';
import { quotedString } from '../../core/quote.ts';
import type { Column, Connection } from '../../engine/engine.ts';
import { writtenViewHint } from '../../run/written-view.ts';

/** What dql knows of relations it made; their public face is a view whatever they are. */
export interface KnownRelations {
  /** By database, schema and identifier; undefined when dql did not make it. */
  find(database: string, schema: string, identifier: string): RelationFacts | undefined;
}

export async function answerNeed(need: Need, connection: Connection, known: KnownRelations): Promise<Answer> {
  try {
    return await answer(need, connection, known);
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
    const hint = writtenViewHint(error.message);
    return { kind: 'failed', message: hint === undefined ? error.message : `${error.message}; ${hint}` };
  }
}

async function answer(need: Need, connection: Connection, known: KnownRelations): Promise<Answer> {
  switch (need.kind) {
    case 'query':
      return { kind: 'query', table: await connection.query(need.sql) };
    case 'execute':
      return { kind: 'execute', table: await executed(need.sql, connection) };
    case 'columns':
      return { kind: 'columns', columns: await columnsOf(need.relation, connection) };
    case 'relation':
      return {
        kind: 'relation',
        relation:
          known.find(need.database, need.schema, need.identifier) ??
          (await relationsOf(connection, need.database, need.schema)).find(
            (relation) => relation.identifier.toLowerCase() === need.identifier.toLowerCase(),
          ) ??
          null,
      };
    case 'relations': {
      const relations = await relationsOf(connection, need.database, need.schema);
      return {
        kind: 'relations',
        relations: relations.map(
          (relation) => known.find(relation.database, relation.schema, relation.identifier) ?? relation,
        ),
      };
    }
    case 'schemas': {
      const found = await connection.query(
        `select schema_name from duckdb_schemas() where database_name = ${quotedString(need.database)} and not internal`,
      );
      return { kind: 'schemas', schemas: found.rows.map(([name]) => String(name)) };
    }
    default:
      return need satisfies never;
  }
}

/** None of what does not exist, as in dbt: macros ask so whether it does. */
async function columnsOf(relation: RelationAddress, connection: Connection): Promise<readonly Column[]> {
  try {
    return await connection.describe(`from ${relation.rendered}`);
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== 'catalog') throw error;
    const { database, schema, identifier } = relation;
    // A view over something that is gone is there, and broken.
    const there = await relationsOf(connection, database, schema);
    if (there.some((known) => known.identifier.toLowerCase() === identifier.toLowerCase())) throw error;
    return [];
  }
}

/** Several statements at once have no result to read; a single one may. */
async function executed(sql: string, connection: Connection): Promise<AnsweredTable> {
  return connection.query(sql);
}

async function relationsOf(
  connection: Connection,
  database: string,
  schema: string,
): Promise<readonly RelationFacts[]> {
  const found = await connection.query(
    `select table_name, 'table' as type from duckdb_tables() where database_name = ${quotedString(database)} and lower(schema_name) = lower(${quotedString(schema)})
     union all
     select view_name, 'view' from duckdb_views() where not internal and database_name = ${quotedString(database)} and lower(schema_name) = lower(${quotedString(schema)})`,
  );
  return found.rows.map(([identifier, type]) => ({
    database,
    schema,
    identifier: String(identifier),
    type: type === 'view' ? 'view' : 'table',
  }));
}
