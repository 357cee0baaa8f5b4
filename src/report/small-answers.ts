/** Answers of a few lines. */
import { bytes, count, seconds, thousands } from './amounts.ts';
import type {
  CleanAnswer,
  CloneAnswer,
  CompileAnswer,
  DebugAnswer,
  DocsAnswer,
  InitAnswer,
  OperationAnswer,
  ParseAnswer,
  PromoteAnswer,
  VerifyAnswer,
} from './answers.ts';
import { paint } from './colour.ts';
import { sampleTable } from './samples.ts';
import { cellText } from './show.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

export function parseText(answer: ParseAnswer): string {
  const counts = Object.entries(answer.counts).map(([type, many]) => count(many, type.replaceAll('_', ' ')));
  return `Read ${count(answer.files, 'file')} in ${seconds(answer.seconds)}: ${counts.join(', ')}\n${answer.manifest_path}`;
}

/** One node: its code alone, to be piped. Several: where they were written. */
export function compileText(answer: CompileAnswer): string {
  const [only] = answer.nodes;
  if (only && answer.nodes.length === 1) return only.compiled_code;
  const paths = answer.nodes.flatMap(({ compiled_path }) => (compiled_path === null ? [] : [compiled_path]));
  return [`Compiled ${count(answer.nodes.length, 'node')} in ${seconds(answer.seconds)}`, ...paths].join('\n');
}

export function debugText({ checks }: DebugAnswer, page: Terminal): string {
  const colours = paint(page.colour);
  const widest = Math.max(0, ...checks.map(({ name }) => name.length));
  const bad = checks.filter(({ ok }) => !ok).length;
  return [
    ...checks.flatMap(({ name, ok, detail, hint }) => [
      `${ok ? colours.green('ok    ') : colours.red('wrong ')} ${name.padEnd(widest)}  ${detail}`,
      ...(hint === null ? [] : [`${' '.repeat(widest + 9)}hint: ${hint}`]),
    ]),
    bad === 0 ? colours.green('All checks passed.') : colours.red(`${count(bad, 'check')} failed.`),
  ].join('\n');
}

export function verifyText({ checks }: VerifyAnswer, page: Terminal): string {
  const colours = paint(page.colour);
  if (checks.length === 0) return 'There is no incremental model to verify.';
  return checks
    .flatMap(({ name, interval, equal, missing, extra, notes, sample, seconds: took }) => [
      `${equal ? colours.green('equal    ') : colours.red('different')} ${name} ${interval}  ${seconds(took)}${equal ? '' : `: ${count(missing, 'row')} missing, ${thousands(extra)} too many`}`,
      ...notes.map((note) => `    ${note}`),
      ...(sample && sample.rows.length > 0
        ? [sampleTable(sample, { columns: page.columns, rows: sample.rows.length, indent: '    ' })]
        : []),
    ])
    .join('\n');
}

export const cloneText = (answer: CloneAnswer, page: Terminal): string =>
  `${count(answer.cloned.length, 'relation')} of ${answer.from} in ${answer.to}, in ${seconds(answer.seconds)}\n\n${table(
    [{ title: 'node' }, { title: 'relation' }, { title: 'how' }, { title: 'note' }],
    answer.cloned.map(({ name, relation, how, note }) => [name, relation, how, note ?? '']),
    { columns: page.columns },
  )}${unservedText(answer, page)}`;

/** What is published and not served is said last, where it is seen. */
export const unservedText = ({ unserved }: { readonly unserved: string | null }, page: Terminal): string =>
  unserved === null ? '' : `\n\n${paint(page.colour).red(unserved)}`;

export function promoteText(answer: PromoteAnswer, page: Terminal): string {
  const colours = paint(page.colour);
  return [
    answer.promoted.length === 0 && answer.refused.length === 0
      ? `Nothing to promote: ${answer.to} has what ${answer.from} has`
      : `${count(answer.promoted.length, 'node')} promoted from ${answer.from} to ${answer.to} in ${seconds(answer.seconds)}, nothing computed${answer.already_there > 0 ? `; ${thousands(answer.already_there)} already there` : ''}`,
    ...answer.promoted.map(({ name, version }) => `  ${name}  version ${version}`),
    ...(answer.refused.length > 0 ? [colours.red(`${thousands(answer.refused.length)} refused`)] : []),
    ...answer.refused.map(({ name, reason }) => `  ${name}  ${reason}`),
  ]
    .join('\n')
    .concat(unservedText(answer, page));
}

export function operationText(answer: OperationAnswer): string {
  const said = answer.message === null ? '' : `: ${answer.message}`;
  const value = cellText(answer.value);
  return `${answer.ok ? 'Ran' : 'Failed:'} ${answer.macro} in ${seconds(answer.seconds)}${said}${value === null ? '' : `\n${value}`}`;
}

export const cleanText = (answer: CleanAnswer, page: Terminal): string =>
  answer.removed.length === 0
    ? 'There was nothing to remove.'
    : [
        ...answer.removed.map(
          ({ what, kind, bytes: size }) => `removed ${kind} ${what}${size === null ? '' : ` (${bytes(size)})`}`,
        ),
        answer.run_id === null
          ? `${bytes(answer.bytes)} freed`
          : `This is run ${answer.run_id}; dql rollback brings back what it removed.`,
      ]
        .join('\n')
        .concat(unservedText(answer, page));

export const initText = (answer: InitAnswer): string =>
  [
    `A project in ${answer.folder}:`,
    ...answer.files.map((file) => `  ${file}`),
    '',
    'Next:',
    ...answer.next.map((command) => `  ${command}`),
  ].join('\n');

export const docsText = (answer: DocsAnswer): string =>
  `${answer.path}: ${count(answer.pages, 'page')}, ${bytes(answer.bytes)}, in ${seconds(answer.seconds)}`;
