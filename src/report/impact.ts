import { count } from './amounts.ts';
import type { ImpactAnswer } from './answers.ts';
import { paint } from './colour.ts';
import { code, markdownTable, plain } from './markdown.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** What changed in meaning, and who is affected. */
export function impactText(impact: ImpactAnswer, page: Terminal): string {
  if (impact.changes.length === 0) return `No model changed in meaning against ${impact.against}.`;
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
            [
              { title: 'node' },
              { title: 'kind' },
              { title: 'verdict' },
              { title: 'columns' },
              { title: 'owner' },
              { title: 'why' },
            ],
            impact.affected.map(({ name, kind, verdict, columns, owner, reason }) => [
              name,
              kind,
              verdict,
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
    ...(impact.owners.length === 0 ? [] : ['', 'to tell', ...impact.owners.map(ownerLine)]),
  ].join('\n');
}

const ownerLine = ({ owner, nodes }: ImpactAnswer['owners'][number]): string =>
  `  ${owner}: ${nodes.length > 5 ? `${nodes.slice(0, 5).join(', ')} and ${nodes.length - 5} more` : nodes.join(', ')}`;

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
  const head = `**${impact.verdict}** against ${plain(impact.against)}`;
  if (impact.affected.length === 0) return `${head}\n\n${changes}\n\nNothing downstream is affected.`;
  const affected = markdownTable(
    ['affected', 'kind', 'verdict', 'columns', 'owner', 'why'],
    impact.affected.map(({ name, kind, verdict, columns, owner, reason }) => [
      code(name),
      plain(kind),
      verdict,
      columns.map(code).join(' ') || (kind === 'exposure' ? '' : 'all'),
      plain(owner ?? ''),
      plain(reason),
    ]),
  );
  const owners = impact.owners.map(({ owner, nodes }) => `- ${plain(owner)}: ${nodes.map(code).join(' ')}`);
  return [head, changes, affected, ...(owners.length === 0 ? [] : [`To tell:\n\n${owners.join('\n')}`])].join('\n\n');
}
