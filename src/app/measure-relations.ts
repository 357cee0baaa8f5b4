/** Statistics of relations: what is known by content is taken over, the rest is measured over several connections. Only reads. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { EngineError } from '../core/engine-error.ts';
import type { NodeId } from '../core/node-id.ts';
import { writeTarget } from '../disk/write-target.ts';
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
} from '../docs/docs.ts';
import type { Connection } from '../engine/engine.ts';
import { readArtifact } from './choose-nodes.ts';

export interface ToMeasure {
  readonly id: NodeId;
  /** SQL that reads it. */
  readonly from: string;
  /** About how many rows it has; null for what must be computed or parsed to be counted: then its first rows are looked at. */
  readonly rows: number | null;
  readonly columns: MeasuredRelation['columns'];
  /** Equal ids mean equal rows; undefined where nobody knows. */
  readonly contentId: string | undefined;
}

export interface Measured {
  /** Exact; null where only the first rows were looked at. */
  readonly rows: number | null;
  readonly sampled: number;
  readonly columns: Readonly<Record<string, ColumnStatistics>>;
}

const FILE = 'statistics.json';

/** Planning these statements takes longer than running them, and each is planned in one thread. */
const CONNECTIONS = 4;

/** Small relations, and values in them, that one text lays out: some tens of megabytes in memory. */
const MOST_TOGETHER = 1000;
const MOST_VALUES = 400_000;

/** Everything that could be measured, and for what could not a sentence why. Rejects when interrupted. */
export async function measureRelations(
  relations: readonly ToMeasure[],
  connect: () => Promise<Connection>,
  targetFolder: string,
  signal: AbortSignal,
): Promise<{ readonly measured: ReadonlyMap<NodeId, Measured>; readonly errors: readonly string[] }> {
  const before = readArtifact<Record<string, Measured>>(join(targetFolder, '.dql'), FILE) ?? {};
  const measured = new Map<NodeId, Measured>();
  const waiting: ToMeasure[] = [];
  for (const relation of relations) {
    const known = before[keyOf(relation) ?? ''];
    if (known) measured.set(relation.id, known);
    else if (relation.columns.length > 0) waiting.push(relation);
  }
  if (waiting.length === 0) return { measured, errors: [] };
  const errors: string[] = [];
  const next = parts(waiting).values();
  const work = async () => {
    const connection = await connect();
    const interrupt = () => connection.interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      for (const part of next) {
        const found = part.every(isSmall) ? await attempt(part, () => measureTogether(part, connection)) : 'one by one';
        // One that cannot be measured must not take the others with it.
        if (typeof found === 'string')
          for (const relation of part) {
            const alone = await attempt([relation], async () => [await measure(relation, connection)]);
            if (typeof alone === 'string') errors.push(alone);
            else for (const one of alone) measured.set(relation.id, one);
          }
        else for (const [at, one] of found.entries()) measured.set(part[at]?.id ?? '', one);
      }
    } finally {
      signal.removeEventListener('abort', interrupt);
      connection.close();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  const kept = relations.flatMap((relation) => {
    const [key, value] = [keyOf(relation), measured.get(relation.id)];
    return key === undefined || !value ? [] : [[key, value] as const];
  });
  writeTarget(targetFolder, [{ path: `.dql/${FILE}`, text: JSON.stringify(Object.fromEntries(kept)) }]);
  return { measured, errors: errors.sort() };
}

/** Goes up when the same rows would be told differently, so that nothing older is taken over. */
const WAY_OF_MEASURING = 2;

/** Columns count, too: what is personal today may not have been yesterday. */
const keyOf = ({ contentId, columns }: ToMeasure): string | undefined =>
  contentId === undefined
    ? undefined
    : `${contentId} ${createHash('sha256')
        .update(JSON.stringify([WAY_OF_MEASURING, columns]))
        .digest('hex')
        .slice(0, 16)}`;

/** What is measured in one go: many small tables, or one of anything else. */
function parts(relations: readonly ToMeasure[]): readonly (readonly ToMeasure[])[] {
  const small = relations.filter(isSmall);
  const together: ToMeasure[][] = [];
  let [values, last]: [number, ToMeasure[]] = [0, []];
  for (const relation of small) {
    if (last.length === 0 || last.length === MOST_TOGETHER || values > MOST_VALUES) {
      last = [];
      values = 0;
      together.push(last);
    }
    last.push(relation);
    values += (relation.rows ?? 0) * relation.columns.length;
  }
  return [...together, ...relations.filter((relation) => !isSmall(relation)).map((relation) => [relation])];
}

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

async function measure({ from, rows, columns }: ToMeasure, connection: Connection): Promise<Measured> {
  if (rows !== null) return measureTable({ from, rows, columns }, connection);
  // Both statements must see the same rows, and computing them once is enough.
  const taken = await connection.run(
    `create or replace temp table dql_first_rows as\nselect *\nfrom ${from}\nlimit ${ROW_CAP}`,
  );
  try {
    const first = { from: 'dql_first_rows', rows: 0, columns };
    const [small] = taken * columns.length <= SMALL_VALUES ? await measureTogether([first], connection) : [];
    const found = small ?? (await measureTable(first, connection));
    return { ...found, rows: found.sampled < ROW_CAP ? found.sampled : null };
  } finally {
    await connection.run('drop table if exists dql_first_rows');
  }
}

async function measureTable(relation: MeasuredRelation, connection: Connection): Promise<Measured> {
  const [row = []] = (await connection.query(summarySql(relation))).rows;
  const summary = readSummary(row);
  const spread = spreadSql(relation, summary);
  const spreadRow = spread === undefined ? [] : (await connection.query(spread)).rows[0];
  const columns = Object.fromEntries(statisticsOf(relation, summary, spreadRow));
  return { rows: summary.rows, sampled: summary.read, columns };
}
