import { quotedIdentifier } from '../../core/quote.ts';
import type { Build, BuildRequest, Step } from '../build.ts';
import { columnList, hasConstraints } from '../columns.ts';
import { indexSteps } from '../indexes.ts';

/** All rows of a query, computed once. */
export const table = (request: BuildRequest): Build => {
  const { object, physical } = request.whole;
  return {
    // A real table is renamed when it is published, which an index forbids: its indexes come then.
    steps: [
      ...fillTable(request, object),
      ...(request.publish === 'table' ? [] : indexSteps(request.node, request.version, object)),
    ],
    physical,
    object,
    change: null,
    undo: [`drop table if exists ${object}`],
  };
};

/** Creates `object` with the query's rows, and its constraints when a contract asks for them. */
export function fillTable(request: BuildRequest, object: string): readonly Step[] {
  const { node, sql, columns } = request;
  if (!hasConstraints(node))
    return [{ kind: 'statement', purpose: 'create the table', sql: `create table ${object} as\n${sql}`, counts: true }];
  const names = columns.map((column) => quotedIdentifier(column.name)).join(', ');
  return [
    {
      kind: 'statement',
      purpose: 'create the table with its contract',
      sql: `create table ${object} ${columnList(node, columns)}`,
    },
    {
      kind: 'statement',
      purpose: 'fill the table',
      sql: `insert into ${object} (${names})\nselect ${names}\nfrom (\n${sql}\n)`,
      counts: true,
    },
  ];
}
