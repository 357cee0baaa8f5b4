/**
 * One publication over several database files. DuckDB's transaction writes to one file only, so there is one a file: all of them have
 * run their statements before the first commits, the main warehouse commits last, and what each was going to do is written down in it
 * beforehand. A crash between two commits leaves that note behind, and the next command finishes the rest; a crash before the first
 * leaves everything as it was.
 */
import { type Diagnostic, DqlError } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import { quotedString } from '../core/quote.ts';
import type { Connection, Warehouse } from '../engine/engine.ts';
import { ledgerSchema } from '../ledger/open-ledger.ts';

/** Statements for one database. */
export interface FileText {
  readonly database: string;
  readonly sql: string;
  /** It only makes, drops or comments on views. */
  readonly defines?: boolean;
}

/** Texts by the database they write to, in the order given. */
function byDatabase(texts: readonly FileText[]): ReadonlyMap<string, readonly FileText[]> {
  const files = new Map<string, FileText[]>();
  for (const text of texts) {
    const { database, sql } = text;
    if (sql === '') continue;
    const known = files.get(database);
    if (known) known.push(text);
    else files.set(database, [text]);
  }
  return files;
}

const joined = (parts: readonly FileText[]): string => parts.map(({ sql }) => sql).join('\n');

/**
 * Commits all or nothing of it. Rejects with EngineError when a statement fails, and nothing has happened; with DqlError when a commit
 * itself failed after another had succeeded: the next command then does the rest.
 * @param intent a name no other publication has
 * @param later texts that are worked out while these are run; where these write to the warehouse's own file alone, so must they
 */
export async function commitFiles(
  warehouse: Warehouse,
  connection: Connection,
  texts: readonly FileText[],
  intent: { readonly id: string; readonly run_id: string },
  later: () => Promise<readonly FileText[]> = async () => [],
): Promise<void> {
  if (texts.every(({ database, sql }) => database === warehouse.database || sql === '')) {
    const parts = texts.filter(({ sql }) => sql !== '');
    await commitQuickly(connection, parts, later);
    return;
  }
  const parts = byDatabase([...texts, ...(await later())]);
  const files = [...parts].map(([name, own]): FileText => ({ database: name, sql: joined(own) }));
  const others = files.filter(({ database }) => database !== warehouse.database);
  const main = files.find(({ database }) => database === warehouse.database)?.sql ?? '';
  const schema = ledgerSchema(warehouse.database);
  const id = quotedString(intent.id);
  const notes = [...others, { database: warehouse.database, sql: main }].map(
    ({ database, sql }, position) =>
      `insert into ${schema}.ledger_intents values (${id}, ${quotedString(intent.run_id)}, ${position}, ${quotedString(database)}, ${quotedString(sql)});`,
  );
  await connection.transaction(() => connection.run(notes.join('\n')));
  const committed: string[] = [];
  try {
    await connection.transaction(async () => {
      await connection.run(`${main}\n${forget(schema, id)}`);
      await commitOthers(warehouse, others, intent.id, committed);
    });
  } catch (error) {
    if (committed.length === 0) await connection.run(forget(schema, id));
    else if (error instanceof EngineError) throw new DqlError([halfDone(committed, error)], 1);
    throw error;
  }
  for (const { database } of others) await connection.run(forgetCommit(database, id));
}

/** From so many on it pays to change the engine's settings. */
const MANY = 50;

/**
 * One transaction over one file. For each `create view` the engine would wake all its threads and look for a better plan: that is half of what
 * it takes, 60 of 120 ms for 500. The settings are the instance's, so they are set right when the transaction fails, too.
 */
async function commitQuickly(
  connection: Connection,
  parts: readonly FileText[],
  later: () => Promise<readonly FileText[]>,
): Promise<void> {
  const commit = (text: string) =>
    connection.transaction(async () => {
      // Both are over before anything else happens, whichever fails.
      const [ran, more] = await Promise.allSettled([connection.run(text), later()]);
      if (ran.status === 'rejected') throw ran.reason;
      if (more.status === 'rejected') throw more.reason;
      if (more.value.length > 0) await connection.run(joined(more.value));
    });
  if (parts.filter(({ defines }) => defines).length < MANY) {
    await commit(joined(parts));
    return;
  }
  const { rows } = await connection.query("select current_setting('threads')");
  const usual = `set threads = ${Number(rows[0]?.[0])};\npragma enable_optimizer;`;
  const text = parts.flatMap(({ sql, defines }, index) => [
    ...(defines && !parts[index - 1]?.defines ? ['set threads = 1;\npragma disable_optimizer;'] : []),
    sql,
    ...(defines && !parts[index + 1]?.defines ? [usual] : []),
  ]);
  try {
    await commit(text.join('\n'));
  } catch (error) {
    await connection.run(usual);
    throw error;
  }
}

/** Each inside the other: all have run before the innermost commits. */
async function commitOthers(
  warehouse: Warehouse,
  [file, ...more]: readonly FileText[],
  intent: string,
  committed: string[],
): Promise<void> {
  if (!file) return;
  const connection = await warehouse.connect();
  try {
    await connection.transaction(async () => {
      await connection.run(committing(file, intent));
      await commitOthers(warehouse, more, intent, committed);
    });
    committed.push(file.database);
  } finally {
    connection.close();
  }
}

const committing = ({ database, sql }: FileText, intent: string): string =>
  `${sql}\ninsert into ${ledgerSchema(database)}.ledger_commits values (${quotedString(intent)}, now()::timestamp);`;

const forget = (schema: string, id: string): string => `delete from ${schema}.ledger_intents where intent = ${id};`;

const forgetCommit = (database: string, id: string): string =>
  `delete from ${ledgerSchema(database)}.ledger_commits where intent = ${id};`;

/**
 * Finishes what a crash left between two commits: completes it where one file had committed, forgets it where none had. Answers why it
 * cannot be told, when a file is not attached any more; nothing is changed then.
 */
export async function finishCommits(warehouse: Warehouse, connection: Connection): Promise<Diagnostic | undefined> {
  const schema = ledgerSchema(warehouse.database);
  const found = await connection.query(
    `select intent, run_id, database, sql from ${schema}.ledger_intents order by intent, position`,
  );
  if (found.rows.length === 0) return undefined;
  const databases = await warehouse.databases();
  const attached = new Set(databases.flatMap(({ name, readOnly }) => (readOnly ? [] : [name])));
  const intents = new Map<string, FileText[]>();
  for (const [intent, run, database, sql] of found.rows.map((row) => row.map(String))) {
    if (intent === undefined || run === undefined || database === undefined || sql === undefined) continue;
    if (!attached.has(database)) return notAttached(run, database);
    intents.set(intent, [...(intents.get(intent) ?? []), { database, sql }]);
  }
  for (const [intent, files] of intents) {
    const id = quotedString(intent);
    const others = files.filter(({ database }) => database !== warehouse.database);
    const done = new Set<string>();
    for (const { database } of others) if (await hasCommitted(connection, database, id)) done.add(database);
    if (done.size > 0)
      for (const file of others.filter(({ database }) => !done.has(database)))
        await connection.transaction(() => connection.run(committing(file, intent)));
    const main = done.size > 0 ? (files.find(({ database }) => database === warehouse.database)?.sql ?? '') : '';
    await connection.transaction(() => connection.run(`${main}\n${forget(schema, id)}`));
    for (const database of done) await connection.run(forgetCommit(database, id));
  }
  return undefined;
}

async function hasCommitted(connection: Connection, database: string, id: string): Promise<boolean> {
  const there = await connection.query(
    `select count(*) from duckdb_tables() where database_name = ${quotedString(database)} and schema_name = '_dql' and table_name = 'ledger_commits'`,
  );
  if (Number(there.rows[0]?.[0]) === 0) return false;
  const { rows } = await connection.query(
    `select count(*) from ${ledgerSchema(database)}.ledger_commits where intent = ${id}`,
  );
  return Number(rows[0]?.[0]) > 0;
}

const halfDone = (committed: readonly string[], error: EngineError): Diagnostic => ({
  code: 'run/half-published',
  severity: 'error',
  message: `publishing stopped after ${committed.map((name) => `\`${name}\``).join(', ')}: ${error.message.split('\n')[0]}`,
  hint: 'the next command publishes the rest before it does anything else',
});

const notAttached = (run: string, database: string): Diagnostic => ({
  code: 'run/half-published',
  severity: 'error',
  message: `run ${run.slice(0, 8)} was interrupted while it published into \`${database}\`, which is not attached for writing now`,
  hint: `attach it again in project.yml, so that dql can tell whether readers of \`${database}\` saw that run, and finish it`,
});
