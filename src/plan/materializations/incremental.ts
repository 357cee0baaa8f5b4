import type { Diagnostic } from '../../core/diagnostic.ts';
import { quotedIdentifier, quotedString } from '../../core/quote.ts';
import type { Column } from '../../engine/engine.ts';
import {
  baseName,
  realTableName,
  sliceName,
  sourceRowsName,
  undoName,
  VERSION_COLUMN,
  versionName,
} from '../../ledger/names.ts';
import type { Build, BuildRequest, DeltaChange, Materialization, Step } from '../build.ts';
import { columnList, hasConstraints } from '../columns.ts';
import { stagedRows } from '../delta.ts';
import { namesAt, textAt } from '../node-config.ts';
import { decideSchema, type SchemaDecision } from '../schema-change.ts';
import { mergedRows, replacedByMerge } from './merge.ts';
import { fillTable } from './table.ts';

const STRATEGIES = ['append', 'delete+insert', 'merge', 'microbatch'] as const;
type Strategy = (typeof STRATEGIES)[number];

const written = quotedIdentifier(VERSION_COLUMN);
const list = (columns: readonly Column[]): string => columns.map((column) => quotedIdentifier(column.name)).join(', ');

/** Only new or changed rows are computed; see `delta.ts` for how they are kept apart until, and after, they are published. */
export const incremental: Materialization = (request) => {
  const strategy = strategyOf(request);
  if (typeof strategy !== 'string') return { refused: strategy };
  const exists = request.current !== undefined && request.current.physical.kind !== 'view';
  if (!exists || request.fullRefresh) return firstBuild(request);
  const schema = decideSchema(request.node, request.current?.columns ?? [], request.columns);
  if ('refused' in schema) return schema;
  return nextBuild(request, strategy, schema);
};

/** True when the model adds to what exists rather than starting anew: dbt's `is_incremental()`. */
export const addsToExisting = (request: Pick<BuildRequest, 'current' | 'fullRefresh'>): boolean =>
  request.current !== undefined && request.current.physical.kind !== 'view' && !request.fullRefresh;

function firstBuild(request: BuildRequest): Build {
  const { name, version, node, columns, sql } = request;
  if (request.publish === 'table' || request.hookWritesThis)
    return wholeTable(request, fillTable(request, wholeName(request)));
  const base = baseName(name, version);
  const steps: Step[] = hasConstraints(node)
    ? [
        {
          kind: 'statement',
          purpose: 'create the table with its contract',
          sql: `create table ${base} ${columnList(node, columns, [`${written} integer default ${version}`])}`,
        },
        {
          kind: 'statement',
          purpose: 'fill the table',
          sql: `insert into ${base} (${list(columns)})\nselect ${list(columns)}\nfrom (\n${sql}\n)`,
          counts: true,
        },
      ]
    : [
        {
          kind: 'statement',
          purpose: 'create the table',
          sql: `create table ${base} as\nselect *, ${version} as ${written}\nfrom (\n${sql}\n)`,
          counts: true,
        },
      ];
  return ownBase(request, columns, steps);
}

/** A version with a base table of its own: the first one, and those whose columns changed. */
function ownBase({ name, version }: BuildRequest, columns: readonly Column[], steps: readonly Step[]): Build {
  const [base, object] = [baseName(name, version), versionName(name, version)];
  return {
    steps: [
      ...steps,
      {
        kind: 'statement',
        purpose: 'show its rows',
        sql: `create view ${object} as\nselect ${list(columns)}\nfrom ${base}`,
      },
    ],
    physical: { kind: 'delta', base, baseVersion: version, undo: null, columns: columns.map((column) => column.name) },
    object,
    change: null,
    undo: [`drop view if exists ${object}`, `drop table if exists ${base}`],
  };
}

/** A plain table with all rows: for `publish: table`, and where a hook will write to the relation. */
function wholeTable(request: BuildRequest, steps: readonly Step[]): Build {
  const object = wholeName(request);
  return {
    steps,
    physical: { kind: request.publish === 'table' ? 'real-table' : 'table' },
    object,
    change: null,
    undo: [`drop table if exists ${object}`],
  };
}

const wholeName = ({ name, version, publish }: BuildRequest): string =>
  publish === 'table' ? realTableName(name, version) : versionName(name, version);

function nextBuild(request: BuildRequest, strategy: Strategy, schema: SchemaDecision): Build {
  const { name, version, current } = request;
  const inPlace =
    current?.physical.kind === 'delta' &&
    schema.changes === 'none' &&
    !request.hookWritesThis &&
    request.rowsBefore === undefined &&
    request.publish === 'view';
  const rowsBefore =
    request.rowsBefore ?? (current?.physical.kind === 'delta' ? current.physical.base : currentObject(request));
  const slice = sliceName(name, version);
  const { steps, replaces, leftovers } = sliceSteps(request, strategy, schema, rowsBefore);
  const change: DeltaChange = {
    base: rowsBefore,
    slice,
    undo: undoName(name, version),
    replaces,
    columns: schema.columns.map((column) => column.name),
    version,
    leftovers,
  };
  if (!inPlace || current?.physical.kind !== 'delta') return copied(request, schema, steps, change);
  const object = versionName(name, version);
  return {
    steps: [
      ...steps,
      {
        kind: 'statement',
        purpose: 'show the rows that stay and the new ones',
        sql: `create view ${object} as\n${stagedRows(change)}`,
      },
    ],
    physical: {
      kind: 'delta',
      base: current.physical.base,
      baseVersion: current.physical.baseVersion,
      undo: replaces === null ? null : change.undo,
      columns: change.columns,
      pending: change,
    },
    object,
    change,
    undo: [
      `drop view if exists ${object}`,
      `drop table if exists ${slice}`,
      ...leftovers.map((table) => `drop table if exists ${table}`),
    ],
  };
}

/** The rows that stay and the new ones, written out whole: after a change of columns, or when a hook will write to the table. */
function copied(request: BuildRequest, schema: SchemaDecision, steps: readonly Step[], change: DeltaChange): Build {
  const { name, version, node, current } = request;
  const before = new Set((current?.columns ?? []).map((column) => column.name.toLowerCase()));
  const kept = schema.columns
    .map((column) => {
      const existing = before.has(column.name.toLowerCase()) ? quotedIdentifier(column.name) : 'null';
      return `${existing}::${column.type} as ${quotedIdentifier(column.name)}`;
    })
    .join(', ');
  const stay = change.replaces === null ? '' : `\nwhere (${change.replaces}) is not true`;
  const rows = `select ${kept}\nfrom ${change.base} as DBT_INTERNAL_DEST${stay}\nunion all\nselect ${list(schema.columns)}\nfrom ${change.slice}`;
  const tidy: Step[] = [change.slice, ...change.leftovers].map((table) => ({
    kind: 'statement',
    purpose: 'tidy up',
    sql: `drop table ${table}`,
  }));
  const whole = request.publish === 'table' || request.hookWritesThis;
  const into = whole ? wholeName(request) : baseName(name, version);
  const stamp = whole ? [] : [`${written} integer default ${version}`];
  const purpose = 'copy the rows that stay and add the new ones';
  const fill: Step[] = hasConstraints(node)
    ? [
        {
          kind: 'statement',
          purpose: 'create the table with its contract',
          sql: `create table ${into} ${columnList(node, schema.columns, stamp)}`,
        },
        { kind: 'statement', purpose, sql: `insert into ${into} (${list(schema.columns)})\n${rows}` },
      ]
    : [
        {
          kind: 'statement',
          purpose,
          sql: whole
            ? `create table ${into} as\n${rows}`
            : `create table ${into} as\nselect *, ${version} as ${written}\nfrom (\n${rows}\n)`,
        },
      ];
  const all = [...steps, ...fill, ...tidy];
  return whole ? wholeTable(request, all) : ownBase(request, schema.columns, all);
}

/** Stages the new rows in a table with exactly the final columns, and says which rows they replace. */
function sliceSteps(
  request: BuildRequest,
  strategy: Strategy,
  schema: SchemaDecision,
  before: string,
): { readonly steps: readonly Step[]; readonly replaces: string | null; readonly leftovers: readonly string[] } {
  const { name, version, node, sql, window } = request;
  const slice = sliceName(name, version);
  const filled = new Set(schema.filled.map((column) => column.name));
  const values = schema.columns
    .map(
      (column) =>
        `${filled.has(column.name) ? quotedIdentifier(column.name) : 'null'}::${column.type} as ${quotedIdentifier(column.name)}`,
    )
    .join(', ');
  const keys = namesAt(node.config, 'unique_key').map((key) => keyExpression(key, schema.columns));
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
      const key = keys.length === 1 ? (keys[0] ?? '') : `(${keys.join(', ')})`;
      const matched = `${key} in (\n  select ${key}\n  from ${slice}\n)`;
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
      const merge = { node, columns: schema.columns, keys, predicates, base: before, source };
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
    case 'microbatch': {
      const time = quotedIdentifier(textAt(node.config, 'event_time') ?? '');
      const inside = window
        ? `${time} >= ${quotedString(window.start)}::timestamp and ${time} < ${quotedString(window.end)}::timestamp`
        : 'true';
      return {
        steps: [
          {
            kind: 'statement',
            purpose: `compute the rows of ${window ? `${window.start} to ${window.end}` : 'all batches'}`,
            sql: `create table ${slice} as\nselect ${values}\nfrom (\n${sql}\n)\nwhere ${inside}`,
            counts: true,
          },
        ],
        replaces: inside,
        leftovers: [],
      };
    }
    default:
      return strategy satisfies never;
  }
}

/** A key is usually a column's name; dbt also lets people write an expression. */
function keyExpression(key: string, columns: readonly Column[]): string {
  const column = columns.find((candidate) => candidate.name.toLowerCase() === key.trim().toLowerCase());
  return column ? quotedIdentifier(column.name) : `(${key})`;
}

const currentObject = ({ name, current }: BuildRequest): string =>
  current?.physical.kind === 'real-table'
    ? `"${name.database}"."${name.schema}"."${name.alias}"`
    : versionName(name, current?.version ?? 0);

function strategyOf({ node }: BuildRequest): Strategy | Diagnostic {
  // dbt-duckdb's default.
  const wanted = textAt(node.config, 'incremental_strategy') ?? 'delete+insert';
  const strategy = STRATEGIES.find(
    (known) => known === wanted || known === wanted.replace('_', '+') || wanted === 'default',
  );
  return (
    (wanted === 'default' ? 'delete+insert' : strategy) ?? {
      code: 'plan/unknown-strategy',
      severity: 'error',
      message: `\`${node.name}\` asks for incremental_strategy \`${wanted}\`, which DuckDB does not have`,
      at: { file: node.original_file_path, start: 0, end: 0 },
      hint: `one of ${STRATEGIES.map((known) => `\`${known}\``).join(', ')}`,
    }
  );
}
