/** A merge without MERGE: the rows it would leave behind, as a query, so that they can be tested before the table changes. */

import type { GraphNode } from '../../compile/manifest.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/nearest.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import type { Column } from '../../engine/engine.ts';
import { namesAt, recordAt, textAt } from '../node-config.ts';
import { computedKeys, type Key } from './unique-key.ts';

export interface MergeRequest {
  readonly node: GraphNode;
  readonly columns: readonly Column[];
  readonly keys: readonly Key[];
  /** `incremental_predicates`, over DBT_INTERNAL_DEST and DBT_INTERNAL_SOURCE. */
  readonly predicates: readonly string[];
  readonly base: string;
  /** A view, unlike a table, does not number its rows. */
  readonly baseIsView: boolean;
  readonly source: string;
}

/** What a MERGE statement would refuse, too: columns to update that are none, and two answers to which are updated. */
export function mergeProblem(node: GraphNode, columns: readonly Column[]): Diagnostic | undefined {
  const refused = (message: string, hint: string): Diagnostic => ({
    code: 'plan/merge-columns',
    severity: 'error',
    message,
    at: { file: node.original_file_path, start: 0, end: 0 },
    hint,
  });
  const only = namesAt(node.config, 'merge_update_columns');
  if (only.length > 0 && namesAt(node.config, 'merge_exclude_columns').length > 0)
    return refused(
      `\`${node.name}\` sets both \`merge_update_columns\` and \`merge_exclude_columns\``,
      'the first names all columns that are updated, the second all that are not: keep one of them',
    );
  const known = [...new Set(columns.map((column) => column.name))];
  const named: readonly (readonly [string, string])[] = [
    ...only.map((name) => ['merge_update_columns', name] as const),
    ...Object.keys(recordAt(node.config, 'merge_update_set_expressions')).map(
      (name) => ['merge_update_set_expressions', name] as const,
    ),
  ];
  for (const [setting, name] of named)
    if (known.every((column) => column.toLowerCase() !== name.toLowerCase()))
      return refused(
        `\`${setting}\` of \`${node.name}\` names \`${name}\`, which is no column of it`,
        didYouMean(name, known) ?? `its columns are ${known.map((column) => `\`${column}\``).join(', ')}`,
      );
  return undefined;
}

/** Matched rows with their updated columns, then the source rows that match nothing. Where several source rows match, the last one counts; DuckDB's MERGE takes any of them. */
export function mergedRows(merge: MergeRequest): string {
  const { node, columns } = merge;
  const [base, source] = [numberedRows(merge, merge.base, merge.baseIsView), numberedRows(merge, merge.source, false)];
  const updates = updatedColumns(merge);
  const expressions = new Map(
    Object.entries(recordAt(node.config, 'merge_update_set_expressions')).map(([name, set]) => [
      name.toLowerCase(),
      set,
    ]),
  );
  const condition = textAt(node.config, 'merge_update_condition');
  const updated = columns
    .map((column) => {
      const name = quotedIdentifier(column.name);
      const set = expressions.get(column.name.toLowerCase());
      const value =
        set !== undefined
          ? `(${String(set)})`
          : updates.has(column.name.toLowerCase())
            ? `DBT_INTERNAL_SOURCE.${name}`
            : `DBT_INTERNAL_DEST.${name}`;
      const guarded =
        condition && value !== `DBT_INTERNAL_DEST.${name}`
          ? `case when ${condition} then ${value} else DBT_INTERNAL_DEST.${name} end`
          : value;
      return `${guarded} as ${name}`;
    })
    .join(',\n  ');
  const inserted = textAt(node.config, 'merge_insert_condition');
  return `select
  ${updated}
from ${base} as DBT_INTERNAL_DEST
join ${source} as DBT_INTERNAL_SOURCE
on ${matches(merge)}
qualify row_number() over (partition by DBT_INTERNAL_DEST.rowid order by DBT_INTERNAL_SOURCE.rowid desc) = 1
union all
select ${columns.map((column) => `DBT_INTERNAL_SOURCE.${quotedIdentifier(column.name)}`).join(', ')}
from ${source} as DBT_INTERNAL_SOURCE
where not exists (
  select 1
  from ${base} as DBT_INTERNAL_DEST
  where ${matches(merge)}
)${inserted ? `\nand (${inserted})` : ''}`;
}

/** A relation's rows, each with a `rowid` and the keys that are expressions. */
function numberedRows({ keys }: MergeRequest, relation: string, isView: boolean): string {
  const computed = computedKeys(keys);
  if (computed === '' && !isView) return relation;
  return `(\nselect *, ${isView ? 'row_number() over () as rowid' : 'rowid'}${computed}\nfrom ${relation}\n)`;
}

/**
 * Which rows of the base the merged rows replace. Beside a key that is an expression the source's row is one value: columns that the
 * expression names without saying whose are then those of the base.
 */
export function replacedByMerge(merge: MergeRequest): string {
  const computed = computedKeys(merge.keys);
  const from =
    computed === ''
      ? `${merge.source} as DBT_INTERNAL_SOURCE`
      : `(\n    select source_rows as DBT_INTERNAL_SOURCE${computed}\n    from ${merge.source} as source_rows\n  )`;
  const compared = ({ column, expression }: Key) =>
    expression === null ? equal(column) : `${column} = (${expression})`;
  return `exists (\n  select 1\n  from ${from}\n  where ${matches(merge, compared)}\n)`;
}

const equal = (column: string): string => `DBT_INTERNAL_DEST.${column} = DBT_INTERNAL_SOURCE.${column}`;

function matches({ node, keys, predicates }: MergeRequest, compared = ({ column }: Key) => equal(column)): string {
  const using = namesAt(node.config, 'merge_on_using_columns').map(quotedIdentifier);
  const on = using.length > 0 ? using.map(equal) : keys.map(compared);
  return [...on, ...predicates.map((predicate) => `(${predicate})`)].join(' and ');
}

function updatedColumns({ node, columns }: MergeRequest): ReadonlySet<string> {
  const only = namesAt(node.config, 'merge_update_columns').map((name) => name.toLowerCase());
  const except = namesAt(node.config, 'merge_exclude_columns').map((name) => name.toLowerCase());
  const names = columns.map((column) => column.name.toLowerCase());
  return new Set(only.length > 0 ? only : names.filter((name) => !except.includes(name)));
}
