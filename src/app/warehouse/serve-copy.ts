/** `serve: PATH` of a target: a copy of what is published for readers in other processes, who are never locked out of it. */
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { type Diagnostic, DqlError } from '../../core/diagnostic.ts';
import { EngineError } from '../../core/engine-error.ts';
import { isFileError } from '../../core/file-error.ts';
import { quotedIdentifier, quotedString } from '../../core/quote.ts';
import { makeFolder } from '../../disk/make-folder.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import { publicName, relationKey } from '../../ledger/names.ts';
import { ledgerSchema, ledgersBeside } from '../../ledger/open-ledger.ts';
import { readLedger } from '../../ledger/read-ledger.ts';
import { nameOf, publishedVersion, type VersionRecord } from '../../ledger/records.ts';
import { digest } from '../../plan/fingerprint.ts';
import type { Project } from '../../project/project.ts';

const ALIAS = '_dql_serve';
const COPY = quotedIdentifier(ALIAS);
/** In every copy: which versions it holds. A file without it is not one of ours. */
const SERVED = `${ledgerSchema(ALIAS)}.served`;

/** Absolute; undefined without `serve`. */
export function servedPath({ folder, target: { serve } }: Project): string | undefined {
  return serve === undefined || isAbsolute(serve) ? serve : join(folder, serve);
}

/**
 * Writes all published relations of the target to a file beside PATH and renames it onto PATH, where the copy there is not of the same
 * versions. Readers who have the old file open keep it until they open it again. Does nothing without `serve`. The connection must not
 * be in a transaction. What is published is published: a copy that cannot be written is answered as an error to tell, not thrown.
 */
export async function serveCopy(
  project: Project,
  warehouse: Warehouse,
  connection: Connection,
): Promise<Diagnostic | undefined> {
  const path = servedPath(project);
  if (path === undefined) return undefined;
  const aside = `${path}.next`;
  const clear = () => {
    for (const leftover of [aside, `${aside}.wal`]) rmSync(leftover, { force: true });
  };
  try {
    makeFolder(dirname(path));
    clear();
    try {
      const shown = await shownTo(project.target.name, warehouse, connection);
      const comments = await commentsOn(shown, connection);
      const marks = marksOf(shown, comments);
      if ((await versionsIn(path, aside, connection)) === marks.join('\n')) return undefined;
      clear();
      await writeCopy(aside, { shown, comments, marks }, connection);
      // Left by somebody who wrote to the copy before: it is not of this file.
      rmSync(`${path}.wal`, { force: true });
      renameSync(aside, path);
    } finally {
      clear();
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof EngineError || error instanceof DqlError || isFileError(error))) throw error;
    return notServed(project.target.serve ?? path, error);
  }
}

function notServed(path: string, error: Error): Diagnostic {
  const [why] = error instanceof DqlError ? error.diagnostics : [];
  return {
    code: 'target/not-served',
    severity: 'error',
    message: `everything is published, but the copy for readers at \`serve: ${path}\` could not be written, so they see the state before: ${error.message}`,
    ...(why?.notes ? { notes: why.notes } : {}),
    hint: why?.hint ?? 'the next build writes it, also one that has nothing else to do',
  };
}

async function shownTo(
  target: string,
  warehouse: Warehouse,
  connection: Connection,
): Promise<readonly VersionRecord[]> {
  const state = await readLedger(connection, await ledgersBeside(connection, warehouse.database), target);
  const shown = new Map<string, VersionRecord>();
  for (const record of state.published.values()) {
    const version = record.target === target ? publishedVersion(state, record.relation) : undefined;
    if (!version) continue;
    const name = nameInCopy(version);
    const other = shown.get(name.toLowerCase());
    if (other) throw new DqlError([sameName(other, version)]);
    shown.set(name.toLowerCase(), version);
  }
  return [...shown.values()];
}

const nameInCopy = ({ schema, alias }: VersionRecord): string =>
  `${quotedIdentifier(schema)}.${quotedIdentifier(alias)}`;

/** Of two files. */
const sameName = (...both: readonly VersionRecord[]): Diagnostic => ({
  code: 'target/same-name-in-copy',
  severity: 'error',
  message: `${both
    .map(({ relation }) => `\`${relation}\``)
    .sort()
    .join(' and ')} would have one name in it`,
  hint: 'give one of them another alias or schema',
});

/** What relations and their columns say of themselves (`persist_docs`), as statements over the copy's tables. */
async function commentsOn(shown: readonly VersionRecord[], connection: Connection): Promise<readonly string[]> {
  const { rows } = await connection.query(`select database_name, schema_name, view_name, null, comment
from duckdb_views()
where comment is not null
union all
select database_name, schema_name, table_name, null, comment
from duckdb_tables()
where comment is not null
union all
select database_name, schema_name, table_name, column_name, comment
from duckdb_columns()
where comment is not null
order by all`);
  const relations = new Map(shown.map((version) => [version.relation, version]));
  return rows.flatMap(([database, schema, alias, column, comment]) => {
    const version = relations.get(
      relationKey({ database: String(database), schema: String(schema), alias: String(alias) }),
    );
    if (!version) return [];
    const table = `${COPY}.${nameInCopy(version)}`;
    const what = column === null ? `table ${table}` : `column ${table}.${quotedIdentifier(String(column))}`;
    return [`comment on ${what} is ${quotedString(String(comment))}`];
  });
}

const marksOf = (shown: readonly VersionRecord[], comments: readonly string[]): readonly string[] =>
  [
    ...shown.map(({ relation, version, content_id }) => `${relation}@${version} ${content_id}`),
    ...(comments.length > 0 ? [`comments ${digest(comments)}`] : []),
  ].sort();

/** What is written into a copy. */
interface Content {
  readonly shown: readonly VersionRecord[];
  readonly comments: readonly string[];
  readonly marks: readonly string[];
}

/** undefined where there is no file. Throws where there is one that is no such copy: it is never replaced. */
async function versionsIn(path: string, aside: string, connection: Connection): Promise<string | undefined> {
  if (!existsSync(path)) return undefined;
  try {
    return await readServed(path, connection);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (error.kind !== 'locked') throw new DqlError([notOurs(error)]);
    // Somebody has opened it to write to it.
    copyFileSync(path, aside);
    return readServed(aside, connection);
  }
}

async function readServed(path: string, connection: Connection): Promise<string> {
  await connection.run(`attach ${quotedString(path)} as ${COPY} (read_only)`);
  try {
    const { rows } = await connection.query(`select version\nfrom ${SERVED}\norder by version`);
    return rows
      .map(([version]) => String(version))
      .sort()
      .join('\n');
  } finally {
    await connection.run(`detach ${COPY}`);
  }
}

const notOurs = (error: EngineError): Diagnostic => ({
  code: 'target/not-a-copy',
  severity: 'error',
  message: 'the file that is there is no copy that dql wrote, and is left alone',
  notes: [error.message],
  hint: 'let `serve` name a file of its own',
});

async function writeCopy(aside: string, { shown, comments, marks }: Content, connection: Connection): Promise<void> {
  await connection.run(`attach ${quotedString(aside)} as ${COPY}`);
  try {
    // One transaction, so that the copy is of one moment.
    await connection.transaction(async () => {
      await connection.run(`create schema ${ledgerSchema(ALIAS)}`);
      await connection.run(`create table ${SERVED} (version varchar)`);
      for (const mark of marks) await connection.run(`insert into ${SERVED}\nvalues (${quotedString(mark)})`);
      for (const schema of new Set(shown.map((version) => version.schema)))
        await connection.run(`create schema if not exists ${COPY}.${quotedIdentifier(schema)}`);
      for (const version of shown)
        await connection.run(
          `create table ${COPY}.${nameInCopy(version)} as\nselect *\nfrom ${publicName(nameOf(version))}`,
        );
      for (const comment of comments) await connection.run(comment);
    });
  } finally {
    // Detaching writes everything into the one file.
    await connection.run(`detach ${COPY}`);
  }
}
