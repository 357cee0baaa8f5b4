/** How a table that is added to comes about: its first build, and the next ones from a slice of new rows. */
import { quotedIdentifier } from '../../core/quote.ts';
import type { Column } from '../../engine/engine.ts';
import {
  baseName,
  publicName,
  sliceName,
  undoName,
  VERSION_COLUMN,
  versionName,
  withinFile,
} from '../../ledger/names.ts';
import type { Build, BuildRequest, DeltaChange, Step } from '../build.ts';
import { columnList, hasConstraints } from '../columns.ts';
import { stagedRows } from '../delta.ts';
import { indexSteps } from '../indexes.ts';
import type { SchemaDecision } from '../schema-change.ts';
import { fillTable } from './table.ts';

const written = quotedIdentifier(VERSION_COLUMN);
const list = (columns: readonly Column[]): string => columns.map((column) => quotedIdentifier(column.name)).join(', ');

/** The new rows of a version: how they are computed into `sliceName`, and which rows of the table they replace. */
export interface Slice {
  readonly steps: readonly Step[];
  /** Condition over the table (alias DBT_INTERNAL_DEST); null: the slice only adds. */
  readonly replaces: string | null;
  /** Tables the condition or the steps needed, dropped once the version is published. */
  readonly leftovers: readonly string[];
}

/** What the rows of a version are added to: a base table, the current version's object, or the copy a pre-hook changed. */
export function rowsBefore(request: BuildRequest): string {
  const { name, current } = request;
  if (request.rowsBefore !== undefined) return request.rowsBefore;
  if (current?.physical.kind === 'delta') return current.physical.base;
  return current?.physical.kind === 'real-table' ? publicName(name) : versionName(name, current?.version ?? 0);
}

export function firstBuild(request: BuildRequest): Build {
  const { name, version, node, columns, sql } = request;
  if (request.publish !== 'view' || request.hookWritesThis)
    return wholeTable(request, fillTable(request, request.whole.object));
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
function ownBase({ name, version, node }: BuildRequest, columns: readonly Column[], steps: readonly Step[]): Build {
  const [base, object] = [baseName(name, version), versionName(name, version)];
  return {
    steps: [
      ...steps,
      ...indexSteps(node, version, base),
      {
        kind: 'statement',
        purpose: 'show its rows',
        sql: `create view ${object} as\nselect ${list(columns)}\nfrom ${withinFile(name.database, base)}`,
      },
    ],
    physical: { kind: 'delta', base, baseVersion: version, undo: null, columns: columns.map((column) => column.name) },
    object,
    change: null,
    undo: [`drop view if exists ${object}`, `drop table if exists ${base}`],
  };
}

/** A plain table with all rows: for `publish: table` and copies, and where a hook will write to the relation. */
function wholeTable(
  { node, version, publish, whole: { object, physical } }: BuildRequest,
  steps: readonly Step[],
): Build {
  return {
    // A real table is renamed when it is published, which an index forbids: its indexes come then.
    steps: publish === 'table' ? steps : [...steps, ...indexSteps(node, version, object)],
    physical,
    object,
    change: null,
    undo: [`drop table if exists ${object}`],
  };
}

export function nextBuild(request: BuildRequest, schema: SchemaDecision, { steps, replaces, leftovers }: Slice): Build {
  const { name, version, current } = request;
  const inPlace =
    current?.physical.kind === 'delta' &&
    schema.changes === 'none' &&
    !request.hookWritesThis &&
    request.rowsBefore === undefined &&
    request.publish === 'view';
  const slice = sliceName(name, version);
  const change: DeltaChange = {
    base: rowsBefore(request),
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
        sql: `create view ${object} as\n${withinFile(name.database, stagedRows(change))}`,
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
  const whole = request.publish !== 'view' || request.hookWritesThis;
  const into = whole ? request.whole.object : baseName(name, version);
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
