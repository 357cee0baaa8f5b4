import type { Asked } from '../compile/compile.ts';
import { DqlError } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import type { NodeId } from '../core/node-id.ts';
import { quotedIdentifier } from '../core/quote.ts';
import { diffRelations, type SchemaDiff } from '../diff/diff.ts';
import type { Connection } from '../engine/engine.ts';
import { publishedVersion, type VersionRecord } from '../ledger/records.ts';
import {
  asksForBatch,
  batchAfter,
  batchCeiling,
  batchCount,
  batchesIn,
  batchStart,
  filledUntil,
  type Microbatch,
  microbatchOf,
  momentText,
  wholeBatches,
  withinTime,
} from '../plan/batches.ts';
import { intersect, type Range, union } from '../plan/intervals.ts';
import { makesRelation, relationOf } from '../plan/plan-run.ts';
import { engineDiagnostic } from '../run/engine-diagnostic.ts';
import { objectName } from '../run/progress.ts';
import type { RowSample } from '../run/results.ts';
import { columnLineage } from './columns/column-lineage.ts';
import { samplingOf } from './columns/sampling.ts';
import { type SecretColumns, secretColumns } from './columns/secret-columns.ts';
import { sqlFacts } from './columns/sql-facts.ts';
import type { UseCases, VerifyAnswer } from './contract.ts';
import { chooseNodes } from './opening/choose-nodes.ts';
import { openProject } from './opening/open-project.ts';
import type { OpenedProject } from './opening/opened-project.ts';
import { batchValue } from './running/batch-value.ts';
import { maskedSample } from './running/diff-relation.ts';
import { lookBack } from './running/open-past.ts';
import { answerNeed } from './warehouse/answer-needs.ts';
import { liveWarehouse, openWarehouseOf } from './warehouse/live-warehouse.ts';
import { noObjects, type Relations, relationsOf } from './warehouse/relations.ts';

type Check = VerifyAnswer['checks'][number];

/** Does an incremental table equal its full refresh? Rebuilds it, or closed intervals of it, in temporary tables; READ_ONLY. */
export const verify: UseCases['verify'] = async (options, hooks) => {
  const opened = await openProject(options, 'verify', hooks);
  const { manifest, project } = opened;
  const { ids } = chooseNodes(opened, options, ['model']);
  const models = Object.values(manifest.nodes)
    .filter(({ unique_id: id }) => ids.has(id) && makesRelation(manifest, id))
    .filter(({ config }) => config.materialized === 'incremental');
  if (models.length === 0 && options.select.length > 0)
    throw new DqlError([
      {
        code: 'verify/nothing-incremental',
        severity: 'error',
        message: 'the selection holds no incremental model',
        hint: 'other models are rebuilt as a whole each time, so there is nothing to verify',
      },
    ]);
  return lookBack(project, options, hooks, async ({ warehouse, connection, state }) => {
    const relations = relationsOf({
      manifest,
      folder: project.folder,
      state,
      empty: false,
      sampling: await samplingOf(opened, options, openWarehouseOf(warehouse)),
      deferred: new Map(),
    });
    const secrets = secretColumns(manifest, () =>
      columnLineage(opened, options, liveWarehouse(opened.project, options, hooks)),
    );
    const random = randomFrom(options.seed ?? options.now.getTime());
    const checks: Check[] = [];
    const interrupt = () => connection.interrupt();
    hooks.signal.addEventListener('abort', interrupt);
    for (const node of models) {
      const version = publishedVersion(state, relationOf(node));
      if (!version) continue;
      const microbatch = microbatchOf(node);
      if (microbatch && 'code' in microbatch) throw new DqlError([microbatch]);
      const filled = microbatch
        ? (state.intervals.get(`${version.relation}@${version.version}`) ?? filledUntil(microbatch, version.built_at))
        : [];
      const closed = microbatch
        ? intersect(filled, [
            { start: Number.NEGATIVE_INFINITY, end: batchStart(options.now.getTime(), microbatch.size) },
          ])
        : [];
      const chosen = microbatch && !options.whole ? chosenBatches(closed, microbatch, options.intervals, random) : [];
      // Where no batch is closed yet there is still the whole.
      for (const window of chosen.length > 0 ? chosen : [undefined])
        checks.push(
          await check({ opened, connection, relations, version, microbatch, filled, secrets }, node.unique_id, window),
        );
    }
    hooks.signal.removeEventListener('abort', interrupt);
    return { checks };
  });
};

interface Verifying {
  readonly opened: OpenedProject;
  readonly connection: Connection;
  readonly relations: Relations;
  readonly version: VersionRecord;
  readonly microbatch: Microbatch | undefined;
  readonly filled: readonly Range[];
  readonly secrets: SecretColumns;
}

async function check(verifying: Verifying, id: NodeId, window: Range | undefined): Promise<Check> {
  const { opened, connection, version, microbatch, filled, secrets } = verifying;
  const startedAt = performance.now();
  const name = opened.manifest.nodes[id]?.name ?? id;
  // As a whole a microbatch model is what it has filled: more is not promised.
  const ranges = window ? [window] : microbatch && union(filled);
  const time = microbatch && quotedIdentifier(microbatch.eventTime);
  const within = time !== undefined && ranges ? `\nwhere ${withinTime(time, ranges)}` : '';
  const aside = quotedIdentifier(`${name}__dql_verify`);
  let first: string | undefined;
  let into = `create or replace temp table ${aside} as`;
  for (const part of rebuiltAs(verifying, id, window)) {
    const sql = await compiled(verifying, id, part);
    const own = part && time !== undefined ? `\nwhere ${withinTime(time, intersect(ranges ?? [], [part]))}` : within;
    first ??= sql;
    await rebuild(verifying, id, `${into}\nselect *\nfrom (\n${sql}\n)${own}`, sql);
    into = `insert into temp.${aside}`;
  }
  const compared = await diffRelations(
    connection,
    { label: 'the table', relation: `(select * from ${objectName(version, true)}${within})` },
    { label: 'its full refresh', relation: `temp.${aside}` },
    { sampleSize: 5 },
  );
  await connection.run(`drop table temp.${aside}`);
  if (!compared.value) throw new DqlError(compared.diagnostics);
  const { rows, schema } = compared.value;
  const columns = columnNotes(schema);
  // Columns that were added later stand at the end.
  const equal = rows.added + rows.removed + columns.length === 0;
  const [facts] = equal || first === undefined ? [] : await sqlFacts([first], new Map(), connection);
  return {
    node: id,
    name,
    interval: window ? `[${momentText(window.start)}, ${momentText(window.end)})` : 'whole',
    equal,
    missing: rows.added,
    extra: rows.removed,
    notes: [
      ...columns,
      ...(facts?.nondeterministic ? [`its SQL is not deterministic: ${facts.nondeterministic}`] : []),
    ],
    sample: inWords(await maskedSample(compared.value, (columns) => secrets.ofNode(id, columns))),
    seconds: (performance.now() - startedAt) / 1000,
  };
}

/** What is wrong in the model's SQL, or in what it reads, is told as if it were built. */
async function rebuild({ opened, connection }: Verifying, id: NodeId, statement: string, sql: string): Promise<void> {
  try {
    await connection.run(statement);
  } catch (error) {
    const node = opened.manifest.nodes[id];
    if (!(error instanceof EngineError) || error.kind === 'interrupted' || !node) throw error;
    throw new DqlError([engineDiagnostic(error, node, sql, opened.manifest)], 1);
  }
}

const columnNotes = ({ added, removed, retyped }: SchemaDiff): readonly string[] => [
  ...added.map(({ name }) => `only its full refresh has column ${name}`),
  ...removed.map(({ name }) => `only the table has column ${name}`),
  ...retyped.map(({ name, left, right }) => `column ${name} is ${left} in the table, ${right} in its full refresh`),
];

/** The windows that are compiled: the whole is one query, unless the model makes something of which batch it is. */
function* rebuiltAs(
  { opened: { manifest }, microbatch, filled }: Verifying,
  id: NodeId,
  window: Range | undefined,
): Generator<Range | undefined> {
  const node = manifest.nodes[id];
  if (!window && microbatch && filled.length > 0 && node && asksForBatch(node, manifest))
    yield* batchesIn(wholeBatches(filled, microbatch.size), microbatch.size);
  else yield window;
}

/** What the full refresh has and the table has not is missing; the other way round it is extra. */
const inWords = (sample: RowSample | null): RowSample | null =>
  sample && {
    ...sample,
    rows: sample.rows.map(([row = null, ...cells]) => [row === 'added' ? 'missing' : 'extra', ...cells]),
  };

async function compiled(
  { opened, connection, relations, microbatch }: Verifying,
  id: NodeId,
  window: Range | undefined,
): Promise<string> {
  const answers: Asked[] = [];
  for (;;) {
    const outcome = opened.compiler.compileNode(id, {
      relationOf: (each) => relations.input(each, noObjects, each === id ? undefined : window),
      isIncremental: false,
      answers,
      ...(window && microbatch ? { batch: batchValue({ window, size: microbatch.size }) } : {}),
    });
    if (outcome.kind === 'compiled') return outcome.sql;
    if (outcome.kind === 'failed') throw new DqlError(outcome.diagnostics, 1);
    if (outcome.kind === 'check') throw new Error(`${id} is a test`);
    answers.push({
      request: outcome.request,
      answer: await answerNeed(outcome.request, connection, relations.known(noObjects)),
    });
  }
}

/** Different batches, drawn evenly from all of them without listing them; in the order of time. */
function chosenBatches(
  closed: readonly Range[],
  { size }: Microbatch,
  wanted: number,
  random: () => number,
): readonly Range[] {
  const whole = closed
    .map(({ start, end }) => ({ start: batchCeiling(start, size), end: batchStart(end, size) }))
    .filter(({ start, end }) => start < end);
  const counts = whole.map((range) => batchCount(range, size));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const indexes = new Set<number>();
  while (indexes.size < Math.min(wanted, total)) indexes.add(Math.floor(random() * total));
  return [...indexes]
    .sort((left, right) => left - right)
    .flatMap((index) => {
      let rest = index;
      for (const [at, range] of whole.entries()) {
        const count = counts[at] ?? 0;
        if (rest < count) {
          const start = batchAfter(range.start, size, rest);
          return [{ start, end: batchAfter(start, size) }];
        }
        rest -= count;
      }
      return [];
    });
}

/** mulberry32 (Tommy Ettinger, public domain): small, even enough to choose batches by, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
