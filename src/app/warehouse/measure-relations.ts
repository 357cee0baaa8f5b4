/** Measures relations, the small ones many at once, beside whatever else the program does. Only reads. */
import { availableParallelism } from 'node:os';
import { EngineError } from '../../core/engine-error.ts';
import type { NodeId } from '../../core/node-id.ts';
import { quotedString } from '../../core/quote.ts';
import {
  type ColumnStatistics,
  type MeasuredRelation,
  ROW_CAP,
  readSummary,
  SMALL_VALUES,
  smallRelationsSql,
  smallStatistics,
  spreadSql,
  statisticsOf,
  summarySql,
} from '../../docs/docs.ts';
import type { Connection } from '../../engine/engine.ts';

export interface ToMeasure {
  readonly id: NodeId;
  /** SQL that reads it. */
  readonly from: string;
  /** About how many rows it has; null for what must be computed or parsed to be counted: then its first rows are looked at. */
  readonly rows: number | null;
  readonly columns: MeasuredRelation['columns'];
}

export interface Measured {
  /** Exact; null where only the first rows were looked at. */
  readonly rows: number | null;
  readonly sampled: number;
  readonly columns: Readonly<Record<string, ColumnStatistics>>;
}

/** Each statement is planned, and most run, in one thread. */
const CONNECTIONS = Math.min(4, availableParallelism());

/** Small relations, and values in them, that one text lays out: some tens of megabytes in memory. */
const MOST_TOGETHER = 1000;
const MOST_VALUES = 400_000;
const LITTLE_MEMORY = '200MB';

/** Milliseconds that are spent to count every row of large relations: of one of them, and of all. The others are told by a part of their rows. */
const PATIENCE = { each: 2500, all: 8000 };

/** Everything that could be measured, and for what could not a sentence why. Rejects when interrupted. */
export async function measureRelations(
  relations: readonly ToMeasure[],
  connect: () => Promise<Connection>,
  signal: AbortSignal,
  patience = PATIENCE,
): Promise<{ readonly measured: ReadonlyMap<NodeId, Measured>; readonly errors: readonly string[] }> {
  const measured = new Map<NodeId, Measured>();
  const errors: string[] = [];
  const left = { ...patience };
  const work = async (next: Iterable<readonly ToMeasure[]>, one: MeasureOne) => {
    const connection = await connect();
    const interrupt = () => connection.interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      for (const part of next) {
        if (signal.aborted) throw new EngineError('what is measured is not wanted any more', 'interrupted');
        const found = part.every(isSmall) ? await attempt(part, () => measureTogether(part, connection)) : 'one by one';
        // One that cannot be measured must not take the others with it.
        if (typeof found === 'string')
          for (const relation of part) {
            const alone = await attempt([relation], async () => (await one(relation, connection)) ?? []);
            if (typeof alone === 'string') errors.push(alone);
            else for (const told of alone) measured.set(relation.id, told);
          }
        else for (const [at, told] of found.entries()) measured.set(part[at]?.id ?? '', told);
      }
    } finally {
      signal.removeEventListener('abort', interrupt);
      connection.close();
    }
  };
  const atOnce = (all: readonly (readonly ToMeasure[])[], one: MeasureOne) => {
    const next = all.values();
    return Promise.all(Array.from({ length: Math.min(CONNECTIONS, all.length) }, () => work(next, one)));
  };
  const alone = (some: readonly ToMeasure[], one: MeasureOne) =>
    atOnce(
      some.map((relation) => [relation]),
      one,
    );
  const waiting = relations.filter(({ columns }) => columns.length > 0);
  const small = waiting.filter(isSmall);
  // Each table has a block of its own, and DuckDB keeps what it has read as long as it may: of 5,000 tables more than a gigabyte.
  if (small.length > 0) await inOneThread(connect, () => atOnce(together(small), measureTable), LITTLE_MEMORY);
  const whole: MeasureOne = (relation, connection) => measureWhole(relation, connection, left, signal);
  await alone(waiting.filter(isBeyondCap).sort(byRows), whole);
  const tables = waiting.filter(
    (relation) => relation.rows !== null && !isSmall(relation) && !measured.has(relation.id),
  );
  if (tables.length > 0) await inOneThread(connect, () => alone(tables, measureTable));
  const uncounted = waiting.filter(({ rows }) => rows === null);
  await alone(uncounted, (relation, connection) => measureUncounted(relation, connection, whole));
  return { measured, errors };
}

/** Answers nothing where it gives up. */
type MeasureOne = (relation: ToMeasure, connection: Connection) => Promise<readonly Measured[] | undefined>;

/** Small tables in parts that are measured in one go. */
function together(relations: readonly ToMeasure[]): readonly (readonly ToMeasure[])[] {
  const parts: ToMeasure[][] = [];
  let [values, last]: [number, ToMeasure[]] = [0, []];
  for (const relation of relations) {
    if (last.length === 0 || last.length === MOST_TOGETHER || values > MOST_VALUES) {
      last = [];
      values = 0;
      parts.push(last);
    }
    last.push(relation);
    values += (relation.rows ?? 0) * relation.columns.length;
  }
  return parts;
}

/**
 * Each statement in one thread: of few rows every task that is handed to another costs more than it does, and several threads do not take the
 * same sample twice.
 */
async function inOneThread<T>(connect: () => Promise<Connection>, work: () => Promise<T>, memory?: string): Promise<T> {
  const connection = await connect();
  try {
    const { rows } = await connection.query(`select current_setting('memory_limit'), current_setting('threads')`);
    const [before = '', threads = ''] = (rows[0] ?? []).map(String);
    await connection.run('set threads = 1');
    if (memory !== undefined && /[GT]i?B$/.test(before))
      await connection.run(`set memory_limit = ${quotedString(memory)}`);
    try {
      return await work();
    } finally {
      await connection.run(`set memory_limit = ${quotedString(before)}; set threads = ${threads}`);
    }
  } finally {
    connection.close();
  }
}

const isBeyondCap = ({ rows }: ToMeasure): boolean => rows !== null && rows > ROW_CAP;

const byRows = (a: ToMeasure, b: ToMeasure): number => Number(a.rows) - Number(b.rows);

const isSmall = ({ rows, columns }: ToMeasure): boolean => rows !== null && rows * columns.length <= SMALL_VALUES;

async function attempt(
  relations: readonly ToMeasure[],
  work: () => Promise<readonly Measured[]>,
): Promise<readonly Measured[] | string> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
    return `${relations[0]?.id}: ${error.message.split('\n')[0]}`;
  }
}

async function measureTogether(
  relations: readonly Pick<ToMeasure, 'from' | 'columns'>[],
  connection: Connection,
): Promise<readonly Measured[]> {
  const asked = relations.map(({ from, columns }) => ({ from, columns, rows: 0 }));
  const { rows } = await connection.query(smallRelationsSql(asked));
  return smallStatistics(asked, rows).map((found) => ({
    rows: found.rows,
    sampled: found.rows,
    columns: Object.fromEntries(found.columns),
  }));
}

/** Of what has to be computed. */
async function measureUncounted(
  relation: ToMeasure,
  connection: Connection,
  whole: MeasureOne,
): Promise<readonly Measured[]> {
  const { from, columns } = relation;
  // Both statements must see the same rows, and computing them once is enough.
  const taken = await connection.run(
    `create or replace temp table dql_first_rows as\nselect *\nfrom ${from}\nlimit ${ROW_CAP}`,
  );
  try {
    const all = taken < ROW_CAP ? undefined : await whole(relation, connection);
    if (all) return all;
    const first = { from: 'dql_first_rows', rows: 0, columns };
    const found = await (taken * columns.length <= SMALL_VALUES
      ? measureTogether([first], connection)
      : measureTable(first, connection));
    return taken < ROW_CAP ? found : found.map((told) => ({ ...told, rows: null }));
  } finally {
    await connection.run('drop table if exists dql_first_rows');
  }
}

/** Every row, if that does not take too long. */
async function measureWhole(
  { from, columns }: ToMeasure,
  connection: Connection,
  left: { readonly each: number; all: number },
  signal: AbortSignal,
): Promise<readonly Measured[] | undefined> {
  const begun = performance.now();
  const end = begun + Math.min(left.each, left.all);
  if (end <= begun) return undefined;
  // Again and again: it may have come between two statements.
  const clock = setInterval(() => performance.now() > end && connection.interrupt(), 50);
  try {
    return await measureTable({ from, rows: 0, columns }, connection);
  } catch (error) {
    // What does not work of all rows may of some.
    if (!(error instanceof EngineError) || signal.aborted) throw error;
    return undefined;
  } finally {
    clearInterval(clock);
    left.all -= performance.now() - begun;
  }
}

async function measureTable(
  { from, rows, columns: asked }: Pick<ToMeasure, 'from' | 'rows' | 'columns'>,
  connection: Connection,
): Promise<readonly Measured[]> {
  const relation: MeasuredRelation = { from, rows: rows ?? 0, columns: asked };
  const [row = []] = (await connection.query(summarySql(relation))).rows;
  const summary = readSummary(row);
  const spread = spreadSql(relation, summary);
  const spreadRow = spread === undefined ? [] : (await connection.query(spread)).rows[0];
  const columns = Object.fromEntries(statisticsOf(relation, summary, spreadRow));
  return [{ rows: summary.rows, sampled: summary.read, columns }];
}
