/** A project in a folder of its own, driven through the real program: what end-to-end stories are told with. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { Cell } from '../engine/engine.ts';
import { openWarehouse } from '../engine/open.ts';
import type { NodeResult, RunResults } from '../run/results.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/dql.cjs', import.meta.url));

export interface Ended {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What it wrote to target/run_results.json; undefined when it wrote none. */
  readonly results: RunResults | undefined;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has said on standard error so far. */
  said(): string;
}

export interface StoryProject {
  readonly folder: string;
  /** Writes files, by path inside the folder; null removes one. */
  write(files: Readonly<Record<string, string | null>>): void;
  read(path: string): string;
  dql(...words: readonly string[]): Promise<Ended>;
  start(...words: readonly string[]): Running;
  startWith(environment: Readonly<Record<string, string>>, ...words: readonly string[]): Running;
  /** Rows of a query over the warehouse, opened READ_ONLY. */
  query(sql: string): Promise<readonly (readonly Cell[])[]>;
  /** What readers see: a hash of the rows of every public relation and of the bytes of every file under `exports/`. */
  published(): Promise<Readonly<Record<string, string>>>;
  remove(): void;
}

const defaults = {
  'project.yml': `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 4 }
`,
};

/**
 * @param files by path; project.yml of a shop with the warehouse `shop.duckdb` unless it is among them
 * @param database the target's path
 */
export function storyProject(files: Readonly<Record<string, string>>, database = 'shop.duckdb'): StoryProject {
  const folder = mkdtempSync(join(tmpdir(), 'dql-story-'));
  const write: StoryProject['write'] = (changed) => {
    for (const [path, text] of Object.entries(changed)) {
      const full = join(folder, path);
      mkdirSync(dirname(full), { recursive: true });
      if (text === null) rmSync(full, { force: true });
      else writeFileSync(full, text);
    }
  };
  write({ ...defaults, ...files });
  const startWith: StoryProject['startWith'] = (environment, ...words) => startProgram(folder, words, environment);
  const start: StoryProject['start'] = (...words) => startWith({}, ...words);
  const query: StoryProject['query'] = (sql) => queryReadOnly(join(folder, database), sql);
  return {
    folder,
    write,
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    dql: (...words) => start(...words).ended,
    start,
    startWith,
    query,
    published: async () => ({ ...(await relationHashes(query)), ...fileHashes(join(folder, 'exports'), 'exports') }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The result of one node by its plain name; throws when the command did not deal with it. */
export function resultOf(ended: Ended, name: string): NodeResult {
  const found = ended.results?.results.find((result) => result.unique_id.split('.')[2] === name);
  if (!found) throw new Error(`no result of ${name}:\n${ended.stdout}\n${ended.stderr}`);
  return found;
}

/** `{orders: 'success', …}` of models, seeds and snapshots. */
export const statuses = (ended: Ended): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (ended.results?.results ?? [])
      .filter((result) => !result.unique_id.startsWith('test.'))
      .map((result) => [result.unique_id.split('.')[2], result.status]),
  );

/** Names of what was really executed: neither reused nor skipped, tests with a kept verdict left out. */
export const executed = (ended: Ended): readonly string[] =>
  (ended.results?.results ?? [])
    .filter(({ status, meta }) => !['reused', 'skipped'].includes(status) && meta.dql.verdict_from === undefined)
    .map((result) => result.unique_id.split('.')[2] ?? '')
    .sort();

function startProgram(
  folder: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Running {
  const resultsFile = join(folder, 'target', 'run_results.json');
  rmSync(resultsFile, { force: true });
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const results = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : undefined;
      resolve({ code, stdout, stderr, results });
    });
  });
  return { process: child, ended, said: () => stderr };
}

async function queryReadOnly(path: string, sql: string): Promise<readonly (readonly Cell[])[]> {
  const warehouse = await openWarehouse('duckdb', { path, readOnly: true, instanceSettings: {} });
  try {
    const connection = await warehouse.connect();
    const { rows } = await connection.query(sql);
    connection.close();
    return rows;
  } finally {
    await warehouse.close();
  }
}

async function relationHashes(query: StoryProject['query']): Promise<Readonly<Record<string, string>>> {
  const relations = await query(`
    select schema_name, table_name from duckdb_tables() where schema_name <> '_dql' and table_name not like '%\\_\\_dql\\_%' escape '\\'
    union all select schema_name, view_name from duckdb_views() where not internal and schema_name <> '_dql'
    order by all`);
  if (relations.length === 0) return {};
  const hashes = await query(
    relations
      .map(([schema, name]) => {
        const relation = `${quotedIdentifier(String(schema))}.${quotedIdentifier(String(name))}`;
        return `select ${quotedString(`${schema}.${name}`)}, count(*) || ':' || coalesce(sum(hash(t)::hugeint), 0) from ${relation} as t`;
      })
      .join('\nunion all\n'),
  );
  return Object.fromEntries(hashes.map(([name, hash]) => [String(name), String(hash)]));
}

function fileHashes(folder: string, name: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {};
  return Object.fromEntries(
    readdirSync(folder)
      .filter((entry) => entry !== '.dql')
      .sort()
      .flatMap((entry): readonly (readonly [string, string])[] => {
        const path = join(folder, entry);
        const shown = `${name}/${entry}`;
        try {
          return [[shown, createHash('sha256').update(readFileSync(path)).digest('hex')]];
        } catch (error) {
          if (error instanceof Error && 'code' in error && error.code === 'EISDIR')
            return Object.entries(fileHashes(path, shown));
          throw error;
        }
      }),
  );
}
