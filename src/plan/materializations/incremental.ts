import type { Diagnostic } from '../../core/diagnostic.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import { sliceName, sourceRowsName } from '../../ledger/names.ts';
import { withinTime } from '../batches.ts';
import { addsToExisting, type BuildRequest, type Materialization, type Step } from '../build.ts';
import { namesAt, textAt } from '../node-config.ts';
import { decideSchema, type SchemaDecision } from '../schema-change.ts';
import { firstBuild, nextBuild, rowsBefore, type Slice } from './delta-build.ts';
import { mergedRows, mergeProblem, replacedByMerge } from './merge.ts';
import { keysOf, missingColumn, namedKeys } from './unique-key.ts';

const STRATEGIES = ['append', 'delete+insert', 'merge', 'microbatch'] as const;
type Strategy = (typeof STRATEGIES)[number];

/** Only new or changed rows are computed; see `delta.ts` for how they are kept apart until, and after, they are published. */
export const incremental: Materialization = (request) => {
  const strategy = strategyOf(request);
  if (typeof strategy !== 'string') return { refused: strategy };
  if (!addsToExisting(request)) return firstBuild(request);
  const schema = decideSchema(request.node, request.current?.columns ?? [], request.columns);
  if ('refused' in schema) return schema;
  return nextBuild(request, schema, sliceOf(request, strategy, schema));
};

/** Stages the new rows in a table with exactly the final columns, and says which rows they replace. */
function sliceOf(request: BuildRequest, strategy: Strategy, schema: SchemaDecision): Slice {
  const { name, version, node, sql } = request;
  const slice = sliceName(name, version);
  const filled = new Set(schema.filled.map((column) => column.name));
  const values = schema.columns
    .map(
      (column) =>
        `${filled.has(column.name) ? quotedIdentifier(column.name) : 'null'}::${column.type} as ${quotedIdentifier(column.name)}`,
    )
    .join(', ');
  const keys = keysOf(node, schema.columns);
  const predicates = [...namesAt(node.config, 'incremental_predicates'), ...namesAt(node.config, 'predicates')];
  const fill: Step = {
    kind: 'statement',
    purpose: 'compute the new rows',
    sql: `create table ${slice} as\nselect ${values}\nfrom (\n${sql}\n)`,
    counts: true,
  };
  switch (strategy) {
    case 'append':
      return { steps: [fill], replaces: null, leftovers: [] };
    case 'delete+insert': {
      // Without a key there is nothing to delete by; dbt then appends.
      if (keys.length === 0) return { steps: [fill], replaces: null, leftovers: [] };
      const parts = keys.map(({ column, expression }) => (expression === null ? column : `(${expression})`)).join(', ');
      const key = keys.length === 1 ? parts : `(${parts})`;
      // `(a, b) in (select a, b …)`: as `select (a, b) …` it would compare rows, in which NULL is a value, and take twice as long.
      const matched = `${key} in (\n  select ${parts}\n  from ${slice}\n)`;
      return {
        steps: [fill],
        replaces: [matched, ...predicates.map((predicate) => `(${predicate})`)].join('\nand '),
        leftovers: [],
      };
    }
    case 'merge': {
      if (keys.length === 0 && namesAt(node.config, 'merge_on_using_columns').length === 0)
        return { steps: [fill], replaces: null, leftovers: [] };
      const source = sourceRowsName(name, version);
      const baseIsView = request.current?.physical.kind === 'view' && request.rowsBefore === undefined;
      const merge = { node, columns: schema.columns, keys, predicates, base: rowsBefore(request), baseIsView, source };
      return {
        steps: [
          {
            kind: 'statement',
            purpose: 'compute the source rows',
            sql: `create table ${source} as\nselect ${values}\nfrom (\n${sql}\n)`,
          },
          {
            kind: 'statement',
            purpose: 'merge them with the rows they match',
            sql: `create table ${slice} as\n${mergedRows(merge)}`,
            counts: true,
          },
        ],
        replaces: replacedByMerge(merge),
        leftovers: [source],
      };
    }
    case 'microbatch':
      // The rows of all batches are there already (run/microbatch.ts); they replace the time they are of.
      return {
        steps: [fill],
        replaces: withinTime(quotedIdentifier(textAt(node.config, 'event_time') ?? ''), request.ranges ?? []),
        leftovers: [],
      };
    default:
      return strategy satisfies never;
  }
}

/** dbt-duckdb's settings that only a MERGE statement itself could follow; ignoring them would merge other rows than asked for. */
const ONLY_IN_MERGE = ['merge_clauses', 'merge_returning_columns'] as const;

function strategyOf({ node, columns, current }: BuildRequest): Strategy | Diagnostic {
  const unsupported = ONLY_IN_MERGE.find((key) => node.config[key] !== undefined && node.config[key] !== null);
  if (unsupported)
    return {
      code: 'plan/unsupported-merge',
      severity: 'error',
      message: `\`${node.name}\` sets \`${unsupported}\`, which dql does not support: it stages merged rows to test them first`,
      at: { file: node.original_file_path, start: 0, end: 0 },
      hint: 'use merge_update_columns, merge_exclude_columns, merge_update_condition or merge_insert_condition',
    };
  // dbt-duckdb's default.
  const wanted = textAt(node.config, 'incremental_strategy') ?? 'delete+insert';
  const strategy = STRATEGIES.find(
    (known) => known === wanted || known === wanted.replace('_', '+') || wanted === 'default',
  );
  const known = [...columns, ...(current?.columns ?? [])];
  const isKeyed = strategy === 'merge' || strategy === 'delete+insert';
  const problem =
    (isKeyed ? missingColumn(node, namedKeys(keysOf(node, known)), known) : undefined) ??
    (strategy === 'merge' ? mergeProblem(node, known) : undefined);
  if (problem) return problem;
  return (
    (wanted === 'default' ? 'delete+insert' : strategy) ?? {
      code: 'plan/unknown-strategy',
      severity: 'error',
      message: `\`${node.name}\` asks for incremental_strategy \`${wanted}\`, which dql does not have`,
      at: { file: node.original_file_path, start: 0, end: 0 },
      hint: `one of ${STRATEGIES.map((known) => `\`${known}\``).join(', ')}`,
      notes: [
        `a macro get_incremental_${wanted.replace('+', '_')}_sql would write into the table at once; dql computes new rows apart, so that they are tested before and can be taken back`,
      ],
    }
  );
}
