import { count, seconds, thousands } from './amounts.ts';
import type { DiffAnswer, DiffRelation } from './answers.ts';
import { paint } from './colour.ts';
import { code, details, markdownTable, plain } from './markdown.ts';
import { sampleTable } from './samples.ts';
import type { Terminal } from './terminal.ts';

/** Each relation that differs: schema, rows by key, columns by how often they changed, examples. */
export function diffText(diff: DiffAnswer, page: Terminal): string {
  const colours = paint(page.colour);
  const equal = diff.relations.filter((relation) => relation.equal);
  const different = diff.relations.filter((relation) => relation.equal === false);
  const unknown = diff.relations.filter((relation) => relation.equal === null);
  return [
    `${diff.left} against ${diff.right}`,
    ...[...different, ...unknown, ...equal.filter(({ note }) => note !== null)].map((relation) =>
      relationText(relation, page),
    ),
    `${colours.green(`${thousands(equal.length)} equal`)}, ${different.length > 0 ? colours.yellow(`${thousands(different.length)} different`) : '0 different'}${unknown.length > 0 ? `, ${thousands(unknown.length)} not compared` : ''}`,
  ].join('\n\n');
}

function relationText(relation: DiffRelation, page: Terminal): string {
  const colours = paint(page.colour);
  const lines = [`${colours.bold(relation.name)}  ${colours.dim(seconds(relation.seconds))}`];
  for (const line of schemaLines(relation)) lines.push(`  ${line}`);
  for (const line of rowLines(relation)) lines.push(`  ${line}`);
  for (const { column, changed, rate } of relation.columns)
    lines.push(`  ${column}: ${count(changed, 'row')} changed (${percentOf(rate)})`);
  if (relation.note !== null) lines.push(`  ${relation.note}`);
  if (relation.sample && relation.sample.rows.length > 0)
    lines.push(
      sampleTable(relation.sample, { columns: page.columns, rows: relation.sample.rows.length, indent: '  ' }),
    );
  return lines.join('\n');
}

const schemaLines = ({ schema }: DiffRelation): string[] =>
  schema.map(({ column, change, left, right }) =>
    change === 'type'
      ? `column ${column}: ${left} → ${right}`
      : `column ${column} ${change}${(right ?? left) ? ` (${right ?? left})` : ''}`,
  );

function rowLines(relation: DiffRelation): string[] {
  const rows = (many: number | null) => (many === null ? 'unknown' : thousands(many));
  const { left_rows: left, right_rows: right } = relation;
  const lines: string[] = [];
  // Of what is on one side only nothing was counted.
  if (left !== null || right !== null)
    lines.push(
      left !== null && left === right ? `${count(left, 'row')} on both sides` : `rows: ${rows(left)} → ${rows(right)}`,
    );
  if (relation.added !== null || relation.removed !== null || relation.changed !== null)
    lines.push(
      relation.changed === null
        ? `${rows(relation.added)} added, ${rows(relation.removed)} removed, compared as whole rows because no key is known`
        : `${rows(relation.added)} added, ${rows(relation.removed)} removed, ${rows(relation.changed)} changed by ${relation.key.join(', ')}`,
    );
  if (relation.duplicate_keys > 0) lines.push(repeatedKeys(relation.duplicate_keys));
  if (relation.null_keys > 0) lines.push(`${count(relation.null_keys, 'row')} without a key`);
  return lines;
}

const repeatedKeys = (many: number): string => `${count(many, 'key that occurs', 'keys that occur')} more than once`;

export const percentOf = (rate: number): string =>
  rate > 0 && rate < 0.0001 ? '<0.01%' : `${(rate * 100).toFixed(rate < 0.1 ? 2 : 1)}%`;

/** The same for a pull request. */
export function diffMarkdown(diff: DiffAnswer): string {
  const different = diff.relations.filter((relation) => !relation.equal);
  if (different.length === 0) return `No data differs (${count(diff.relations.length, 'relation')} compared).`;
  const shown = (many: number | null) => (many === null ? '?' : thousands(many));
  const titles = ['relation', 'rows', 'added', 'removed', 'changed', 'schema', 'columns that changed'];
  const overview = markdownTable(
    titles,
    different.map((relation) => [
      code(relation.name),
      relation.left_rows === relation.right_rows
        ? shown(relation.left_rows)
        : `${shown(relation.left_rows)} → ${shown(relation.right_rows)}`,
      shown(relation.added),
      shown(relation.removed),
      shown(relation.changed),
      schemaLines(relation).map(plain).join('<br>'),
      relation.columns.map(({ column, rate }) => `${code(column)} ${percentOf(rate)}`).join('<br>'),
    ]),
    ['rows', 'added', 'removed', 'changed'],
  );
  const examples = different.flatMap(({ name, sample }) =>
    sample && sample.rows.length > 0
      ? [
          details(
            `Examples from ${plain(name)}`,
            markdownTable(
              sample.columns.map(plain),
              sample.rows.map((row) => row.map((cell) => plain(cell ?? 'NULL'))),
            ),
          ),
        ]
      : [],
  );
  const notes = different.flatMap(({ name, note, duplicate_keys, null_keys, sample }) => [
    ...(sample?.masked === undefined
      ? []
      : [`- ${code(name)}: masked to be on the safe side, ${plain(sample.masked)}`]),
    ...(note === null ? [] : [`- ${code(name)}: ${plain(note)}`]),
    ...(duplicate_keys > 0 ? [`- ${code(name)}: ${repeatedKeys(duplicate_keys)}`] : []),
    ...(null_keys > 0 ? [`- ${code(name)}: ${count(null_keys, 'row')} without a key`] : []),
  ]);
  const sides = `Left is ${plain(diff.left)}, right is ${plain(diff.right)}.`;
  return [sides, overview, ...(notes.length > 0 ? [notes.join('\n')] : []), ...examples].join('\n\n');
}
