/** Computes a microbatch model's batches into one table, aside from everything people see. */

import type { GraphNode } from '../compile/manifest.ts';
import { EngineError, PASSING } from '../core/engine-error.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { Connection } from '../engine/engine.ts';
import { batchesName } from '../ledger/names.ts';
import {
  type Batches,
  batchesIn,
  microbatchOf,
  momentText,
  readsOwnTime,
  timestampText,
  withinTime,
} from '../plan/batches.ts';
import { type Range, union } from '../plan/intervals.ts';
import { flagAt } from '../plan/node-config.ts';
import type { BuildNodeRequest, CompiledSql, FailedBuild, GatheredBatches } from './built-node.ts';
import type { Compiled, RowsOutside, RunContext } from './context.ts';
import { engineDiagnostic } from './engine-diagnostic.ts';
import { toldError } from './told-error.ts';
import { tryAgain } from './try-again.ts';

export interface BatchCompile {
  /** Compiles the model for one batch. */
  compile(window: Range): Promise<Compiled>;
  /** Runs the pre-hooks, once, before the first batch. */
  before(hooks: readonly string[]): Promise<void>;
}

/**
 * Every batch is a statement of its own and retried alone; a failed one leaves no row. With `concurrent_batches` the first makes the table,
 * the others are computed side by side, on as many connections as the run has threads. Fails when none succeeded.
 */
export async function gatherBatches(
  context: RunContext,
  request: BuildNodeRequest,
  batches: Batches,
  { compile, before }: BatchCompile,
): Promise<GatheredBatches | FailedBuild> {
  const { node } = request;
  const microbatch = microbatchOf(node);
  if (!microbatch || 'code' in microbatch) throw new Error(`${node.unique_id} is no microbatch model`);
  const time = quotedIdentifier(microbatch.eventTime);
  const table = batchesTable(request);
  const successful: Range[] = [];
  const failed: Range[] = [];
  const so: Gathering = { last: undefined, first: undefined, stop: undefined, outside: undefined };
  const compute = async (window: Range, connection: Connection): Promise<void> => {
    if (context.signal.aborted) so.stop ??= 'interrupted';
    if (so.stop !== undefined) {
      failed.push(window);
      return;
    }
    const compiled = await compile(window);
    if (compiled.kind === 'failed') {
      so.stop = { kind: 'failed', diagnostics: compiled.diagnostics, sql: null };
      return;
    }
    try {
      if (!so.last) {
        const create = `create or replace ${table.kind} ${table.name} as\nfrom (\n${compiled.sql}\n)\nlimit 0`;
        await retried(context, node, async () => {
          await before(compiled.preHooks);
          return connection.run(create);
        });
      }
      so.last = compiled;
      const rows = await insertBatch(
        context,
        request,
        { into: table.name, sql: compiled.sql, time, window },
        connection,
      );
      if (rows > 0) so.outside = { sql: compiled.sql, window, ...so.outside, rows: (so.outside?.rows ?? 0) + rows };
      successful.push(window);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      failed.push(window);
      if (error.kind === 'interrupted') so.stop ??= 'interrupted';
      so.first ??= {
        kind: 'failed',
        diagnostics: [
          engineDiagnostic(toldError(error, context.manifest, [node.unique_id]), node, compiled.sql, context.manifest),
        ],
        sql: compiled.sql,
        ...(error.kind === 'interrupted' ? { met: error.kind } : {}),
      };
    }
  };
  const begin = { start: microbatch.begin, end: microbatch.begin };
  const windows = (batches.count === 0 ? [begin] : batchesIn(batches.ranges, batches.size))[Symbol.iterator]();
  const opening = windows.next();
  if (!opening.done) await compute(opening.value, request.connection);
  // Without a table no batch can succeed.
  if (so.last) await alongside(context, request, Math.min(context.threads, batches.count - 1), windows, compute);
  const refused = typeof so.stop === 'object' ? so.stop : successful.length === 0 ? so.first : undefined;
  if (so.outside && so.stop === undefined)
    await context.onRowsOutside(node, await seenOutside(so.outside, time, request.connection));
  if (refused || !so.last) {
    await request.connection.run(forgetBatches(request));
    return refused ?? { kind: 'failed', diagnostics: [], sql: null };
  }
  return {
    kind: 'gathered',
    compiled: { ...so.last, preHooks: [], sql: `select *\nfrom ${table.name}` },
    sql: so.last.sql,
    done: batches.count === 0 ? [] : union(successful),
    successful: batches.count === 0 ? [] : successful.sort(byStart),
    failed: failed.sort(byStart),
    message: so.first?.diagnostics[0]?.message,
  };
}

interface Gathering {
  /** What was compiled last; there is a table then. */
  last: CompiledSql | undefined;
  /** The first batch that failed. */
  first: FailedBuild | undefined;
  /** No further batch is computed. A template that cannot be rendered fails the whole model. */
  stop: 'interrupted' | FailedBuild | undefined;
  /** How many rows were not of their batch's time, and the first such batch. */
  outside: Outside | undefined;
}

interface Outside {
  readonly rows: number;
  readonly sql: string;
  readonly window: Range;
}

interface BatchRows {
  readonly into: string;
  readonly sql: string;
  /** The event time, quoted. */
  readonly time: string;
  readonly window: Range;
}

/**
 * Inserts the batch's rows, and answers how many others its query gave: they would come twice, or beside rows of a batch that is not
 * computed now. They are counted on the way, by a sequence, because asking again would compute the batch twice.
 */
async function insertBatch(
  context: RunContext,
  { node }: BuildNodeRequest,
  { into, sql, time, window }: BatchRows,
  connection: Connection,
): Promise<number> {
  const insert = `insert into ${into}\nselect *\nfrom (\n${sql}\n)\nwhere `;
  const within = withinTime(time, [window]);
  // Where every batch reads everything, the other batches have the others.
  if (!readsOwnTime(node, context.manifest)) {
    await retried(context, node, () => connection.run(`${insert}${within}`));
    return 0;
  }
  const sequence = 'temp.dql_rows_outside';
  const next = `nextval(${quotedString(sequence)})`;
  await retried(context, node, async () => {
    await connection.run(`create or replace temp sequence ${sequence}`);
    return connection.run(`${insert}case when ${within} then true else ${next} is null end`);
  });
  const { rows } = await connection.query(`select ${next} - 1`);
  return Number(rows[0]?.[0]);
}

/** With the least event time among them. */
async function seenOutside({ rows, sql, window }: Outside, time: string, connection: Connection): Promise<RowsOutside> {
  const outside = `(${withinTime(time, [window])}) is not true`;
  const seen = await connection.query(`select min(${time})::varchar\nfrom (\n${sql}\n)\nwhere ${outside}`);
  const [value = null] = seen.rows[0] ?? [];
  return { rows, batch: window, example: value === null ? null : String(value) };
}

const byStart = (left: Range, right: Range): number => left.start - right.start;

/** Takes the windows that are left, one connection one at a time. */
async function alongside(
  context: RunContext,
  request: BuildNodeRequest,
  wanted: number,
  windows: Iterator<Range>,
  compute: (window: Range, connection: Connection) => Promise<void>,
): Promise<void> {
  const lane = async (connection: Connection): Promise<void> => {
    for (let next = windows.next(); !next.done; next = windows.next()) await compute(next.value, connection);
  };
  const more = isConcurrent(request) ? Math.max(0, wanted - 1) : 0;
  const others = await Promise.all(Array.from({ length: more }, () => request.openSession()));
  const interrupt = () => {
    for (const connection of others) connection.interrupt();
  };
  context.signal.addEventListener('abort', interrupt);
  try {
    await Promise.all([request.connection, ...others].map(lane));
  } finally {
    context.signal.removeEventListener('abort', interrupt);
    for (const connection of others) connection.close();
  }
}

const isConcurrent = ({ node }: BuildNodeRequest): boolean => flagAt(node.config, 'concurrent_batches') ?? false;

/** A temporary table belongs to one connection; several share a table aside. */
function batchesTable(request: BuildNodeRequest): { readonly kind: 'table' | 'temp table'; readonly name: string } {
  const { node, version } = request;
  return isConcurrent(request)
    ? { kind: 'table', name: batchesName(node, version) }
    : { kind: 'temp table', name: `temp.${quotedIdentifier(`${node.alias}__dql_${version}_batches`)}` };
}

/** Drops what the batches were gathered in. */
export const forgetBatches = (request: BuildNodeRequest): string =>
  `drop table if exists ${batchesTable(request).name}`;

/** Runs a statement, again while its error may pass. */
async function retried(context: RunContext, node: GraphNode, work: () => Promise<number>): Promise<void> {
  const attempt = () =>
    work().then(
      () => undefined,
      (error: unknown) => error,
    );
  const { outcome: failure } = await tryAgain(context, context.retryPolicy(node), attempt, (error) =>
    error instanceof EngineError && PASSING.has(error.kind)
      ? { node: node.unique_id, what: `a batch of \`${node.name}\``, why: error.message }
      : undefined,
  );
  if (failure !== undefined) throw failure;
}

/** dbt's batch_results: pairs of start and end. */
export const batchResults = ({ successful, failed }: Pick<GatheredBatches, 'successful' | 'failed'>) => ({
  successful: successful.map(({ start, end }) => [timestampText(start), timestampText(end)] as const),
  failed: failed.map(({ start, end }) => [timestampText(start), timestampText(end)] as const),
});

export const batchesMessage = ({ failed, successful, message }: GatheredBatches): string =>
  [
    `${failed.length} of ${failed.length + successful.length} batches failed, the first of ${momentText(failed[0]?.start ?? 0)}`,
    ...(message === undefined ? [] : [message]),
  ].join('\n');
