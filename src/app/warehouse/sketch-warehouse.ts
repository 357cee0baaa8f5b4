/** An empty double of the warehouse in memory: relations with columns and no rows, so that DuckDB's binder can be asked about SQL. */
import type { Manifest } from '../../compile/manifest.ts';
import { EngineError } from '../../core/engine-error.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import type { Column, Connection } from '../../engine/engine.ts';
import { openWarehouse } from '../../engine/open.ts';
import type { Project } from '../../project/project.ts';
import { loadExtension } from './prepare-target.ts';

export interface Sketch {
  readonly connection: Connection;
  /** Adds empty relations under their quoted names. */
  add(relations: readonly { readonly relation: string; readonly columns: readonly Column[] }[]): Promise<void>;
  /** The columns of a query. */
  columnsOf(sql: string): Promise<Described>;
  /** The same of many queries, in their order: while some are looked at, the next are asked. */
  columnsOfEach<T extends { readonly sql: string }>(queries: readonly T[]): AsyncIterable<readonly [T, Described]>;
  close(): Promise<void>;
}

/** The columns of a query, or why DuckDB cannot bind it. */
export type Described = readonly Column[] | { readonly problem: string };

const UNTOLD: Described = { problem: 'it was not described' };

/** So many queries in one statement: asking for one costs twice its share of many. */
const BATCH = 64;

/** Databases and schemas of the whole project stand ready in it; nothing on disk is opened or written. */
export async function sketchWarehouse(project: Project, manifest: Manifest): Promise<Sketch> {
  const { access_mode: _, ...settings } = { ...project.target.configOptions, ...project.target.settings };
  const warehouse = await openWarehouse('duckdb', {
    path: ':memory:',
    readOnly: false,
    instanceSettings: {
      ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
      // There are no rows to share out, and one thread answers in the order in which it was asked.
      threads: '1',
    },
  });
  const connection = await warehouse.connect();
  for (const extension of project.target.extensions) await loadExtension(connection, extension);
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
  const columnsOf = async (sql: string): Promise<Described> => {
    try {
      return await connection.describe(sql);
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
      return { problem: error.message.split('\n')[0] ?? '' };
    }
  };
  /** One statement for all; where one of them cannot be bound, by halves. */
  const together = async (queries: readonly string[]): Promise<readonly Described[]> => {
    const [only] = queries;
    if (only === undefined) return [];
    if (queries.length === 1) return [await columnsOf(only)];
    const parts = queries.map((sql, at) => `select ${at} as query, column_name, column_type from (describe ${sql}\n)`);
    try {
      const { rows } = await connection.query(parts.join('\nunion all\n'));
      const found = queries.map((): Column[] => []);
      for (const [at, name, type] of rows) found[Number(at)]?.push({ name: String(name), type: String(type) });
      return found;
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
      const half = Math.ceil(queries.length / 2);
      return [...(await together(queries.slice(0, half))), ...(await together(queries.slice(half)))];
    }
  };
  return {
    connection,
    async add(relations) {
      const statements = relations.flatMap(({ relation, columns }) => {
        const seen = new Set<string>();
        const unlike = columns.filter(({ name }) => {
          const isNew = !seen.has(name.toLowerCase());
          seen.add(name.toLowerCase());
          return isNew;
        });
        const typed = unlike.map(
          ({ name, type }) => `${quotedIdentifier(name)} ${type === '"NULL"' ? 'integer' : type}`,
        );
        return typed.length === 0 ? [] : [`create or replace table ${relation} (${typed.join(', ')})`];
      });
      if (statements.length > 0) await connection.run(statements.join(';\n'));
    },
    columnsOf,
    async *columnsOfEach(queries) {
      const ask = (from: number) => {
        const some = queries.slice(from, from + BATCH);
        const asked = together(some.map(({ sql }) => sql));
        asked.catch(() => undefined); // told where it is waited for
        return { some, asked };
      };
      let next = ask(0);
      try {
        for (let from = BATCH; next.some.length > 0; from += BATCH) {
          const { some, asked } = next;
          const found = await asked;
          next = ask(from);
          yield* some.map((query, at) => [query, found[at] ?? UNTOLD] as const);
        }
      } finally {
        await next.asked.catch(() => undefined);
      }
    },
    async close() {
      connection.close();
      await warehouse.close();
    },
  };
}
