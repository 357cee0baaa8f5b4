import { count } from './amounts.ts';
import type { ImpactAnswer } from './answers.ts';
import { paint } from './colour.ts';
import { code, markdownTable, plain } from './markdown.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** What changed in meaning, and who is affected. */
export function impactText(impact: ImpactAnswer, page: Terminal): string {
  const colours = paint(page.colour);
  const tone = { breaking: colours.red, partial: colours.yellow, none: colours.green };
  const changes = impact.changes.flatMap((change) => [
    `  ${tone[change.verdict](change.verdict.padEnd(8))} ${colours.bold(change.name)}  ${change.reason}`,
    ...change.columns.map((column) => `           ${column.column}: ${column.change}, ${column.reason}`),
  ]);
  const affected =
    impact.affected.length === 0
      ? []
      : [
          '',
          `${count(impact.affected.length, 'node')} affected`,
          table(
            [{ title: 'node' }, { title: 'kind' }, { title: 'columns' }, { title: 'owner' }, { title: 'why' }],
            impact.affected.map(({ name, kind, columns, owner, reason }) => [
              name,
              kind,
              columns.join(', ') || (kind === 'exposure' ? '' : 'all'),
              owner ?? '',
              reason,
            ]),
            { columns: page.columns, indent: '  ' },
          ),
        ];
  return [
    `${count(impact.changes.length, 'changed model')} against ${impact.against}: ${tone[impact.verdict](impact.verdict)}`,
    ...changes,
    ...affected,
  ].join('\n');
}

/** The same for a pull request. */
export function impactMarkdown(impact: ImpactAnswer): string {
  if (impact.changes.length === 0) return `No model changed in meaning against ${plain(impact.against)}.`;
  const changes = markdownTable(
    ['changed', 'verdict', 'columns', 'why'],
    impact.changes.map(({ name, verdict, columns, reason }) => [
      code(name),
      verdict,
      columns.map(({ column, change }) => `${code(column)} ${plain(change)}`).join('<br>'),
      plain(reason),
    ]),
  );
  if (impact.affected.length === 0) return `${changes}\n\nNothing downstream is affected.`;
  const affected = markdownTable(
    ['affected', 'kind', 'columns', 'owner', 'why'],
    impact.affected.map(({ name, kind, columns, owner, reason }) => [
      code(name),
      plain(kind),
      columns.map(code).join(' ') || (kind === 'exposure' ? '' : 'all'),
      plain(owner ?? ''),
      plain(reason),
    ]),
  );
  return `${changes}\n\n${affected}`;
}
