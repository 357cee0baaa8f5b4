/** An empty double of the warehouse in memory: relations with columns and no rows, so that DuckDB's binder can be asked about SQL. */
import type { Manifest } from '../compile/manifest.ts';
import { EngineError } from '../core/engine-error.ts';
import { quotedIdentifier } from '../core/quote.ts';
import type { Column, Connection } from '../engine/engine.ts';
import { openWarehouse } from '../engine/open.ts';
import type { Project } from '../project/project.ts';

export interface Sketch {
  readonly connection: Connection;
  /** Adds an empty relation under its quoted name. */
  add(relation: string, columns: readonly Column[]): Promise<void>;
  /** The columns of a query, or why DuckDB cannot bind it. */
  columnsOf(sql: string): Promise<readonly Column[] | { readonly problem: string }>;
  close(): Promise<void>;
}

/** Databases and schemas of the whole project stand ready in it; nothing on disk is opened or written. */
export async function sketchWarehouse(project: Project, manifest: Manifest): Promise<Sketch> {
  const { access_mode: _, ...settings } = project.target.settings;
  const warehouse = await openWarehouse('duckdb', {
    path: ':memory:',
    readOnly: false,
    instanceSettings: Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
  });
  const connection = await warehouse.connect();
  for (const extension of project.target.extensions) await connection.run(`load ${extension}`);
  const relations = [...Object.values(manifest.nodes), ...Object.values(manifest.sources)];
  const databases = new Set([project.target.database, ...relations.map(({ database }) => database)]);
  for (const database of databases)
    if (database !== warehouse.database)
      await connection.run(`attach if not exists ':memory:' as ${quotedIdentifier(database)}`);
  const schemas = new Set(
    relations.map(({ database, schema }) => `${quotedIdentifier(database)}.${quotedIdentifier(schema)}`),
  );
  const home = `${quotedIdentifier(project.target.database)}.${quotedIdentifier(project.target.schema)}`;
  for (const schema of new Set([...schemas, home])) await connection.run(`create schema if not exists ${schema}`);
  await connection.run(`use ${home}`);
  return {
    connection,
    async add(relation, columns) {
      const seen = new Set<string>();
      const unlike = columns.filter(({ name }) => {
        const isNew = !seen.has(name.toLowerCase());
        seen.add(name.toLowerCase());
        return isNew;
      });
      if (unlike.length === 0) return;
      const typed = unlike.map(({ name, type }) => `${quotedIdentifier(name)} ${type === '"NULL"' ? 'integer' : type}`);
      await connection.run(`create or replace table ${relation} (${typed.join(', ')})`);
    },
    async columnsOf(sql) {
      try {
        return await connection.describe(sql);
      } catch (error) {
        if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
        return { problem: error.message.split('\n')[0] ?? '' };
      }
    },
    async close() {
      connection.close();
      await warehouse.close();
    },
  };
}
