import { count, minute, thousands } from './amounts.ts';
import type { InspectAnswer } from './answers.ts';
import { paint } from './colour.ts';
import { sampleTable } from './samples.ts';
import type { Terminal } from './terminal.ts';

/** Everything known of one test: its verdict, since when, its rows and where they come from, its SQL. */
export function inspectText(answer: InspectAnswer, page: Terminal): string {
  const colours = paint(page.colour);
  const place = answer.path === null ? null : answer.line === null ? answer.path : `${answer.path}:${answer.line}`;
  const facts: readonly (readonly [string, string | null])[] = [
    ['status', answer.message === null ? answer.status : `${answer.status}: ${answer.message}`],
    ['defined in', place],
    ['failing since', answer.failing_since && minute(answer.failing_since)],
    ['last run', answer.last_run && minute(answer.last_run)],
    [
      'rows',
      answer.failures === null
        ? null
        : `${count(answer.failures, 'failing row')}${!answer.considered ? '' : ` of ${thousands(answer.considered)}`}`,
    ],
    ['about', answer.about],
    ['hint', answer.hint],
    ['owner', answer.owner],
  ];
  return [
    [
      colours.bold(answer.name),
      ...facts.flatMap(([name, value]) => (value ? [`  ${name.padEnd(14)}${value}`] : [])),
    ].join('\n'),
    ...(answer.rows && answer.rows.rows.length > 0 ? [rowsWithOrigins(answer, page)] : []),
    answer.sql,
  ].join('\n\n');
}

function rowsWithOrigins({ rows, origins }: InspectAnswer, page: Terminal): string {
  if (!rows) return '';
  const known = origins.length === rows.rows.length && origins.length > 0;
  const sample = known
    ? {
        ...rows,
        columns: ['from', ...rows.columns],
        rows: rows.rows.map((row, index) => [originOf(origins[index]), ...row]),
      }
    : rows;
  return sampleTable(sample, { columns: page.columns, rows: sample.rows.length });
}

/** `orders.csv:2, 7 and 3 more`; where several files hold the row, each with its numbers. */
function originOf(origin: InspectAnswer['origins'][number] | undefined): string {
  if (!origin) return '';
  const files = new Map<string, number[]>();
  // The end of a path tells files apart; the whole one is in the JSON.
  for (const { file, row_number } of origin.places) {
    const name = file.split('/').at(-1) ?? file;
    files.set(name, [...(files.get(name) ?? []), row_number]);
  }
  if (files.size === 0) return origin.relation;
  const named = [...files].map(([name, rows]) => `${name}:${rows.join(', ')}`).join('; ');
  const more = origin.matches - origin.places.length;
  return more > 0 ? `${named} and ${thousands(more)} more` : named;
}
