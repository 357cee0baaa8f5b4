import { count, seconds, thousands } from './amounts.ts';
import type { PlanAction, PlanView } from './answers.ts';
import { paint } from './colour.ts';
import type { Terminal } from './terminal.ts';
import { clip, padEnd, padStart } from './width.ts';

const WORDS: Readonly<Record<PlanAction, string>> = {
  build: 'to build',
  test: 'to test',
  reuse: 'to reuse',
  hook: 'hooks to run',
  skip: 'to skip',
};

/** What would run, in order, each with its reason; notes below the node they belong to; the totals last. */
export function planText(plan: PlanView, page: Terminal): string {
  const colours = paint(page.colour);
  const tones: Readonly<Record<PlanAction, (text: string) => string>> = {
    build: colours.green,
    test: colours.cyan,
    reuse: colours.dim,
    hook: colours.blue,
    skip: colours.yellow,
  };
  const widest = Math.min(48, Math.max(0, ...plan.rows.map((row) => (row.relation ?? row.name).length)));
  const lines = plan.rows.flatMap((row) => {
    const cost = [
      row.estimated_seconds === null ? '' : `~${seconds(row.estimated_seconds)}`,
      row.estimated_rows === null ? '' : `~${count(row.estimated_rows, 'row')}`,
    ];
    const name = padEnd(row.relation ?? row.name, widest);
    const line = `  ${tones[row.action](padEnd(row.action, 6))} ${padEnd(row.materialized ?? row.kind, 11)} ${name} ${padStart(cost[0] ?? '', 8)} ${padStart(cost[1] ?? '', 16)}`;
    const reason = clip(row.reason, Math.max(24, page.columns - widest - 50));
    const quiet = row.action === 'build' && !row.publishes ? ' (not published)' : '';
    return [
      `${line}  ${colours.dim(reason + quiet)}`.trimEnd(),
      ...row.notes.map((note) => `           ${colours.dim(note)}`),
    ];
  });
  const totals = (['build', 'test', 'reuse', 'hook', 'skip'] as const)
    .map((action) => ({ action, many: plan.rows.filter((row) => row.action === action).length }))
    .filter(({ many }) => many > 0)
    .map(({ action, many }) => `${thousands(many)} ${WORDS[action]}`);
  const time = plan.estimated_seconds === null ? '' : `, about ${seconds(plan.estimated_seconds)}`;
  return [
    colours.bold(
      `Plan of dql ${plan.command} for target ${plan.target}: ${thousands(plan.rows.length)} of ${count(plan.project_nodes, 'node')}`,
    ),
    ...lines,
    `Plan: ${totals.length > 0 ? totals.join(', ') : 'nothing to do'}${time}.`,
  ].join('\n');
}
