/** A real little project in a temporary folder, and dql called on it in this process: for whole-program stories. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { main } from '../cli/main.ts';
import { useCase } from '../cli/use-cases.ts';
import type { ExitCode, World } from '../cli/world.ts';
import type { Cell } from '../engine/engine.ts';
import { openWarehouse } from '../engine/open.ts';
import { relationHash } from '../run/content.ts';
import type { NodeResult, RunResults } from '../run/results.ts';

export interface Told {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TemporaryProject {
  readonly folder: string;
  /** Writes a file of the project, relative to its folder. */
  write(path: string, text: string): void;
  remove(path: string): void;
  /** Calls dql as a shell would; in one text words are separated by single spaces, in a list they may hold spaces. */
  dql(words: string | readonly string[]): Promise<Told>;
  /** As `dql`, with `--output json`: the answer. */
  answer<T = RunResults>(words: string): Promise<T>;
  /** What a command says of its tests, by their names. */
  tests<T>(words: string, said: (result: NodeResult) => T): Promise<Readonly<Record<string, T>>>;
  /** What a reader of the warehouse file sees. */
  rows(sql: string, file?: string): Promise<readonly (readonly Cell[])[]>;
  /** Content hash of relations, by name. */
  hashes(names: readonly string[], file?: string): Promise<Readonly<Record<string, string>>>;
  close(): void;
}

const YML = `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 2 }
`;

/** The files given, with a project.yml of one target `dev` (shop.duckdb) where there is none among them. */
export function temporaryProject(files: Readonly<Record<string, string>>): TemporaryProject {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dql-story-')));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [path, text] of Object.entries({ 'project.yml': YML, ...files })) write(path, text);
  const dql = (words: string | readonly string[]) =>
    invoke(folder, typeof words === 'string' ? words.split(' ') : words);
  const reading = async <T>(file: string, read: (connection: Reader) => Promise<T>): Promise<T> => {
    const warehouse = await openWarehouse('duckdb', { path: join(folder, file), readOnly: true, instanceSettings: {} });
    const connection = await warehouse.connect();
    try {
      return await read(connection);
    } finally {
      // A connection that stays open keeps the file open in this process.
      connection.close();
      await warehouse.close();
    }
  };
  async function answer<T = RunResults>(words: string): Promise<T> {
    const told = await dql(`${words} --output json`);
    if (told.stdout === '') throw new Error(`dql ${words} ended with ${told.code}:\n${told.stderr}`);
    return JSON.parse(told.stdout) as T; // the caller says what the command answers
  }
  return {
    folder,
    write,
    remove: (path) => rmSync(join(folder, path), { recursive: true, force: true }),
    dql,
    answer,
    async tests(words, said) {
      const tests = (await answer(words)).results.filter(({ unique_id }) => unique_id.startsWith('test.'));
      return Object.fromEntries(tests.map((result) => [result.unique_id.split('.')[2] ?? '', said(result)]));
    },
    rows: (sql, file = 'shop.duckdb') => reading(file, async (connection) => (await connection.query(sql)).rows),
    hashes: (names, file = 'shop.duckdb') =>
      reading(file, async (connection) => {
        const found: Record<string, string> = {};
        for (const name of names) found[name] = await relationHash(connection, name);
        return found;
      }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

type Reader = Parameters<typeof relationHash>[0];

async function invoke(folder: string, argv: readonly string[]): Promise<Told> {
  let stdout = '';
  let stderr = '';
  const stream = (write: (text: string) => void) => ({ isTTY: false, columns: 0, rows: 0, write });
  const world: World = {
    environment: {},
    cwd: folder,
    version: '0.1.0',
    stdout: stream((text) => {
      stdout += text;
    }),
    stderr: stream((text) => {
      stderr += text;
    }),
    now: () => new Date(),
    useCase,
    readFile(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    writeFile: (path, text) => writeFileSync(path, text),
    appendFile: (path, text) => writeFileSync(path, text, { flag: 'a' }),
    onInterrupt: () => () => {},
  };
  const code = await main(argv, world);
  return { code, stdout, stderr };
}
