/** Time and memory of whole programs, as a user at a terminal would see them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

export interface Measured {
  readonly seconds: number;
  /** Megabytes (10⁶ bytes) of resident memory at its highest. */
  readonly peakMb: number;
  readonly stdout: string;
}

const own = (name: string) => fileURLToPath(new URL(name, import.meta.url));
export const DQL = own('../cli/dql.cjs');
const FLOOR = own('./floor.js');
const PEAK = own('./peak-memory.cjs');

/** Runs node with these words and waits; throws when it ends with anything but one of `codes`. */
export function measured(words: readonly string[], folder: string, codes: readonly number[] = [0]): Measured {
  const kept = mkdtempSync(join(tmpdir(), 'dql-peak-'));
  const startedAt = performance.now();
  const ended = spawnSync(process.execPath, ['--require', PEAK, ...words], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1e9,
    env: { ...process.env, DQL_BENCH_PEAK: join(kept, 'peak'), NO_COLOR: '1' },
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (!codes.includes(ended.status ?? -1))
    throw new Error(`${words.join(' ')} ended with ${ended.status}:\n${ended.stderr}\n${ended.stdout}`);
  const peakMb = (Number(readFileSync(join(kept, 'peak'), 'utf8')) * 1024) / 1e6;
  rmSync(kept, { recursive: true, force: true });
  return { seconds, peakMb, stdout: ended.stdout };
}

export const dql = (folder: string, ...words: readonly string[]): Measured => measured([DQL, ...words], folder);

/** Executes statements one after another on a new warehouse file: what the engine alone needs. */
export const floor = (folder: string, statementsFile: string): Measured =>
  measured([FLOOR, statementsFile, join(folder, 'floor.duckdb')], folder);

/** Seconds that statements take in the engine's own client, one after another; opening and closing the file are not among them. */
export async function duckdb(file: string, ...statements: readonly string[]): Promise<number> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  const startedAt = performance.now();
  for (const statement of statements) await connection.run(statement);
  const seconds = (performance.now() - startedAt) / 1000;
  connection.closeSync();
  instance.closeSync();
  return seconds;
}

/** The measurement in the middle of several. */
export function median(times: number, measure: () => Measured): Measured {
  const all = Array.from({ length: times }, measure).sort((left, right) => left.seconds - right.seconds);
  const middle = all[Math.floor(all.length / 2)];
  if (!middle) throw new Error('nothing was measured');
  return middle;
}
