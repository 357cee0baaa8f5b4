/** Computes a microbatch model's batches one after another into one temporary table, aside from everything people see. */
import { EngineError } from '../core/engine-error.ts';
import { quotedIdentifier } from '../core/quote.ts';
import { type Batches, batchesIn, microbatchOf, momentText, timestampText, withinTime } from '../plan/batches.ts';
import { type Range, union } from '../plan/intervals.ts';
import type { BuildNodeRequest, FailedBuild } from './build-node.ts';
import type { Compiled, RunContext } from './context.ts';
import { engineDiagnostic } from './engine-diagnostic.ts';

type CompiledSql = Extract<Compiled, { kind: 'sql' }>;

export interface GatheredBatches {
  readonly kind: 'gathered';
  /** The compiled query to go on with: all rows of the batches that succeeded. Pre-hooks have run. */
  readonly compiled: CompiledSql;
  /** The last batch's own query, for people to read. */
  readonly sql: string;
  readonly done: readonly Range[];
  readonly successful: readonly Range[];
  readonly failed: readonly Range[];
  /** The first failed batch's. */
  readonly message: string | undefined;
}

export interface BatchCompile {
  /** Compiles the model for one batch. */
  compile(window: Range): Promise<Compiled>;
  /** Runs the pre-hooks, once, before the first batch. */
  before(hooks: readonly string[]): Promise<void>;
}

/** Every batch is a statement of its own and retried alone; a failed one leaves no row. Fails when none succeeded. */
export async function gatherBatches(
  context: RunContext,
  request: BuildNodeRequest,
  batches: Batches,
  { compile, before }: BatchCompile,
): Promise<GatheredBatches | FailedBuild> {
  const { node, connection, version } = request;
  const microbatch = microbatchOf(node);
  if (!microbatch || 'code' in microbatch) throw new Error(`${node.unique_id} is no microbatch model`);
  const time = quotedIdentifier(microbatch.eventTime);
  const table = `temp.${quotedIdentifier(`${node.alias}__dql_${version}_batches`)}`;
  const successful: Range[] = [];
  const failed: Range[] = [];
  let first: FailedBuild | undefined;
  let last: CompiledSql | undefined;
  let interrupted = false;
  const begin = { start: microbatch.begin, end: microbatch.begin };
  for (const window of batches.count === 0 ? [begin] : batchesIn(batches.ranges, batches.size)) {
    interrupted ||= context.signal.aborted;
    if (interrupted) {
      failed.push(window);
      continue;
    }
    const compiled = await compile(window);
    if (compiled.kind === 'failed')
      return { kind: 'failed', diagnostics: compiled.diagnostics, sql: null, transient: false };
    try {
      if (!last) {
        await before(compiled.preHooks);
        await connection.run(
          `create or replace temp table ${table.slice('temp.'.length)} as\nfrom (\n${compiled.sql}\n)\nlimit 0`,
        );
      }
      last = compiled;
      // The model's own filter may let a row of another batch through: it would come twice.
      const rows = `insert into ${table}\nselect *\nfrom (\n${compiled.sql}\n)\nwhere ${withinTime(time, [window])}`;
      await retried(context, node.config['retries'], node.config['retry_delay'], () => connection.run(rows));
      successful.push(window);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      failed.push(window);
      interrupted = error.kind === 'interrupted';
      first ??= {
        kind: 'failed',
        diagnostics: [engineDiagnostic(error, node, compiled.sql)],
        sql: compiled.sql,
        transient: false,
      };
      if (!last) break; // without a table no batch can succeed
    }
  }
  if (!last || (successful.length === 0 && first)) {
    if (last) await connection.run(`drop table ${table}`);
    return first ?? { kind: 'failed', diagnostics: [], sql: null, transient: false };
  }
  return {
    kind: 'gathered',
    compiled: { ...last, preHooks: [], sql: `select *\nfrom ${table}` },
    sql: last.sql,
    done: batches.count === 0 ? [] : union(successful),
    successful: batches.count === 0 ? [] : successful,
    failed,
    message: first?.diagnostics[0]?.message,
  };
}

/** Drops what the batches were gathered in. */
export const forgetBatches = (request: BuildNodeRequest): string =>
  `drop table if exists temp.${quotedIdentifier(`${request.node.alias}__dql_${request.version}_batches`)}`;

async function retried(
  context: RunContext,
  retries: unknown,
  delay: unknown,
  work: () => Promise<number>,
): Promise<void> {
  const most = typeof retries === 'number' ? retries : context.retries;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind !== 'transient' || attempt >= most || context.signal.aborted)
        throw error;
      const seconds = typeof delay === 'number' ? delay : context.retryDelaySeconds;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
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
