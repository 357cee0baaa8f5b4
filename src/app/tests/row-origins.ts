/** Follows failing rows along copied columns to where they come from: a source, and for files the file and the number of the row in it. */
import { relative } from 'node:path';
import type { CheckSql } from '../../checks/check.ts';
import { EngineError } from '../../core/engine-error.ts';
import type { NodeId } from '../../core/node-id.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import type { Connection } from '../../engine/engine.ts';
import type { ColumnGraph, ColumnRef } from '../../lineage/column-graph.ts';
import type { InspectAnswer } from '../contract.ts';
import { labelOf } from '../opening/label-of.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { filesOf } from '../warehouse/outside.ts';
import { externalRelation } from '../warehouse/source-relations.ts';

export interface OriginsRequest {
  readonly opened: OpenedProject;
  readonly graph: ColumnGraph;
  readonly connection: Connection;
  readonly check: CheckSql;
  readonly subject: NodeId;
  /** A table of the failing rows, in the order in which they are shown. */
  readonly failing: string;
  /** How many of them. */
  readonly count: number;
}

/** One entry a row, in order. Where a row cannot be followed its entry is the relation under test. */
export async function rowOrigins(request: OriginsRequest): Promise<InspectAnswer['origins']> {
  const { opened, subject, count } = request;
  const { manifest, project } = opened;
  const here = { relation: labelOf(manifest, subject), file: null, row_number: null, places: [], matches: 0 };
  const pairs = await followed(request);
  const source = pairs[0] && manifest.sources[pairs[0].at.id];
  if (!source)
    return Array.from({ length: count }, () =>
      pairs[0] ? { ...here, relation: labelOf(manifest, pairs[0].at.id) } : here,
    );
  const there = { ...here, relation: labelOf(manifest, source.unique_id) };
  const call = externalRelation(source, project.folder);
  const files = filesOf(source, project.folder);
  if (call === undefined || files === null || files.length === 0) return Array.from({ length: count }, () => there);
  try {
    const found = await request.connection.query(matchingSql(request.failing, numbered(call), pairs, count));
    return found.rows.map(([listed, matches]) => {
      const places = (JSON.parse(String(listed ?? '[]')) as readonly { readonly file: string; readonly row: number }[]) // our own query's JSON
        .map(({ file, row }) => ({ file: relative(project.folder, file), row_number: row }));
      const [only] = places;
      const isOne = Number(matches) === 1 && only !== undefined;
      return {
        ...there,
        file: places.every(({ file }) => file === only?.file) ? (only?.file ?? null) : null,
        row_number: isOne ? only.row_number : null,
        places,
        matches: Number(matches),
      };
    });
  } catch (error) {
    // A reader that knows no file names (spatial, excel …): the source is all that can be said.
    if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
    return Array.from({ length: count }, () => there);
  }
}

/** So many rows at most are named for each failing row. */
const SHOWN_PLACES = 5;

interface Pair {
  /** The column's name among the failing rows. */
  readonly shown: string;
  readonly at: ColumnRef;
}

/** Columns shown that are copies of columns of one and the same relation, as far up as copies go: the relation most of them reach. */
async function followed({ graph, connection, check, subject, failing }: OriginsRequest): Promise<readonly Pair[]> {
  const copies = new Map<string, ColumnRef[]>();
  for (const edge of graph.edges) {
    if (edge.kind !== 'value') continue;
    const key = keyOf(edge.to);
    const isCopy = edge.transformation === 'copied' || edge.transformation === 'renamed';
    // Several sources (a coalesce, a union) or a computation: the way ends here.
    copies.set(key, isCopy ? [...(copies.get(key) ?? []), edge.from] : [edge.from, edge.from]);
  }
  const own = graph.nodes.find(({ id }) => id === subject)?.columns ?? [];
  const shown = await connection.describe(`from ${failing}`);
  const ways = shown.flatMap(({ name }): readonly (readonly Pair[])[] => {
    const column = own.find((each) => each.toLowerCase() === columnShown(check, name).toLowerCase());
    if (column === undefined) return [];
    const way: Pair[] = [{ shown: name, at: { id: subject, column } }];
    for (let next = copies.get(keyOf({ id: subject, column })); next?.length === 1; ) {
      const [at] = next;
      if (!at || way.length > 1000) break;
      way.push({ shown: name, at });
      next = copies.get(keyOf(at));
    }
    return [way];
  });
  const votes = new Map<NodeId, number>();
  for (const way of ways) {
    const end = way.at(-1)?.at.id;
    if (end !== undefined) votes.set(end, (votes.get(end) ?? 0) + 1);
  }
  const [best] = [...votes].sort(([, a], [, b]) => b - a)[0] ?? [];
  return ways.flatMap((way) => way.find(({ at }) => at.id === best && at.id === way.at(-1)?.at.id) ?? []);
}

const keyOf = ({ id, column }: ColumnRef): string => `${id} ${column.toLowerCase()}`;

/** Checks of keys show them under names of their own. */
function columnShown({ question, column }: CheckSql, name: string): string {
  if (question.kind !== 'frequency') return name;
  const key = question.keys.find((each) => each.name === name);
  const plain = key && /^"((?:[^"]|"")*)"$/.exec(key.sql)?.[1]?.replaceAll('""', '"');
  return plain ?? (question.keys.length === 1 && key ? (column ?? name) : name);
}

/** Rows of files with where they stand: Parquet knows, of text the order in which one thread reads it tells. */
function numbered(call: string): string {
  const inside = call.replace(/\)\s*$/, '');
  if (/^read_parquet/i.test(call))
    return `select * exclude (file_row_number, filename), file_row_number + 1 as dql_row, filename as dql_file\nfrom ${inside}, filename = true, file_row_number = true)`;
  return `select * exclude (filename), row_number() over (partition by filename) as dql_row, filename as dql_file\nfrom ${inside}, filename = true)`;
}

const q = quotedIdentifier;

function matchingSql(failing: string, rows: string, pairs: readonly Pair[], count: number): string {
  const conditions = pairs.map(({ shown, at }) => `failing.${q(shown)} is not distinct from origin.${q(at.column)}`);
  return `with failing as (
select *, rowid as dql_order
from ${failing}
order by rowid
limit ${count}
), origin as (
${rows}
), met as (
select failing.dql_order, origin.dql_file, origin.dql_row
from failing
inner join origin
  on ${conditions.join('\n  and ')}
)
select
  to_json(list({file: met.dql_file, row: met.dql_row} order by met.dql_file, met.dql_row) filter (where met.dql_row is not null)[:${SHOWN_PLACES}]),
  count(met.dql_row)
from failing
left join met using (dql_order)
group by failing.dql_order
order by failing.dql_order`;
}
