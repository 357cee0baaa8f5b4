import { age, bytes, count, minute, seconds, thousands } from './amounts.ts';
import type { HistoryAnswer, HistoryRun, RollbackAnswer, VersionRow, VersionsAnswer } from './answers.ts';
import { paint } from './colour.ts';
import { unservedText } from './small-answers.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** The runs, the newest first, and what is held back; one run with its nodes when one was asked for. */
export function historyText({ runs, held, rolled_back }: HistoryAnswer, page: Terminal): string {
  const [only] = runs;
  const parts: string[] = [];
  if (runs.length === 0) parts.push('No run has been recorded in this warehouse yet.');
  else if (runs.length === 1 && only && only.nodes.length > 0) parts.push(oneRun(only, page));
  else
    parts.push(
      table(
        [
          { title: 'run' },
          { title: 'started' },
          { title: 'command' },
          { title: 'target' },
          { title: 'status' },
          { title: 'took', align: 'right' },
          { title: 'built', align: 'right' },
          { title: 'reused', align: 'right' },
          { title: 'failed', align: 'right' },
          { title: 'held', align: 'right' },
          { title: 'published', align: 'right' },
          { title: 'git' },
        ],
        runs.map((run) => [
          run.run_id,
          minute(run.started_at),
          run.command,
          run.target,
          run.status,
          run.seconds === null ? '' : seconds(run.seconds),
          ...[run.built, run.reused, run.failed, run.held, run.published].map(thousands),
          gitOf(run),
        ]),
        { columns: page.columns },
      ),
    );
  for (const [nodes, what] of [
    [held, 'held back'],
    [rolled_back, 'rolled back, until the next build'],
  ] as const) {
    if (nodes.length === 0) continue;
    parts.push(
      [
        paint(page.colour).yellow(`${thousands(nodes.length)} ${what}`),
        ...nodes.map(({ name, reason, serving_since, serving_version, age_seconds }) => {
          const since =
            serving_since === null ? 'nothing' : `version ${serving_version ?? '?'} of ${minute(serving_since)}`;
          return `  ${name}  ${reason}; readers see ${since}${age_seconds === null ? '' : `, ${age(age_seconds)} old`}`;
        }),
      ].join('\n'),
    );
  }
  return parts.join('\n\n');
}

function oneRun(run: HistoryRun, page: Terminal): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ['command', run.command],
    ['target', run.target],
    ['status', run.exit_code === null ? run.status : `${run.status} (exit ${run.exit_code})`],
    ['started', minute(run.started_at)],
    ['took', run.seconds === null ? null : seconds(run.seconds)],
    ['git', gitOf(run) || null],
    ['user', run.user],
    ['versions', `dql ${run.dql_version}, engine ${run.engine_version}`],
    ['published', thousands(run.published)],
  ];
  const nodes = table(
    [
      { title: 'node' },
      { title: 'status' },
      { title: 'version', align: 'right' },
      { title: 'published' },
      { title: 'rows', align: 'right' },
      { title: 'failures', align: 'right' },
      { title: 'took', align: 'right' },
      { title: 'why' },
    ],
    run.nodes.map((node) => [
      node.name,
      node.status,
      node.version === null ? '' : String(node.version),
      node.published === null ? '' : node.published ? 'yes' : 'no',
      node.rows === null ? '' : thousands(node.rows),
      node.failures === null ? '' : thousands(node.failures),
      node.seconds === null ? '' : seconds(node.seconds),
      node.message ?? node.reason ?? '',
    ]),
    { columns: page.columns },
  );
  const head = facts.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(10)} ${value}`]));
  return [`Run ${run.run_id}`, ...head, '', nodes].join('\n');
}

const gitOf = ({ git_sha, git_dirty }: HistoryRun): string =>
  git_sha === null ? '' : `${git_sha.slice(0, 8)}${git_dirty ? ' and changes' : ''}`;

/** The kept versions of each node; of one that had another name in the warehouse, which of them it is about. */
export function versionsText({ versions }: VersionsAnswer, page: Terminal): string {
  if (versions.length === 0) return 'No versions are kept.';
  const isMoved = ({ node, relation }: VersionRow) =>
    versions.some((other) => other.node === node && other.relation !== relation);
  return table(
    [
      { title: 'node' },
      { title: 'version', align: 'right' },
      { title: 'state' },
      { title: 'built' },
      { title: 'published' },
      { title: 'rows', align: 'right' },
      { title: 'size', align: 'right' },
      { title: 'run' },
      { title: 'git' },
    ],
    versions.map((version) => [
      isMoved(version) ? `${version.name} (${version.relation})` : version.name,
      String(version.version),
      version.untested && version.state !== 'untested' ? `${version.state}, untested` : version.state,
      minute(version.built_at),
      version.published_at === null ? '' : minute(version.published_at),
      version.rows === null ? '' : thousands(version.rows),
      version.bytes === null ? '' : bytes(version.bytes),
      version.run_id ?? '',
      version.git_sha?.slice(0, 8) ?? '',
    ]),
    { columns: page.columns },
  );
}

/** What moved back, and what no longer fits together. */
export function rollbackText(answer: RollbackAnswer, page: Terminal): string {
  const colours = paint(page.colour);
  const git = answer.git_sha === null ? '' : ` (git ${answer.git_sha.slice(0, 8)})`;
  const verb = answer.run_id === null ? 'Would roll back' : 'Rolled back';
  const moved = answer.moved.map(
    ({ name, from_version, to_version }) =>
      `  ${name}  version ${from_version ?? 'none'} → ${to_version === null ? 'none: readers did not see it then' : to_version}`,
  );
  const listed = (title: string, list: RollbackAnswer['inconsistent']): readonly string[] =>
    list.length > 0 ? ['', colours.yellow(title), ...list.map(({ name, reason }) => `  ${name}  ${reason}`)] : [];
  const along = answer.with_descendants
    ? 'no version of them is kept that fits'
    : '--with-descendants takes them along';
  return [
    answer.moved.length === 0
      ? `Nothing to roll back: ${answer.to}${git} is what readers see`
      : `${verb} ${count(answer.moved.length, 'node')} to ${answer.to}${git} in ${seconds(answer.seconds)}`,
    ...moved,
    ...listed(`No longer consistent (${along})`, answer.inconsistent),
    ...listed('Not as it was (a view keeps no rows of its own)', answer.of_today),
    ...(answer.run_id === null
      ? []
      : ['', `This is run ${answer.run_id}; dql history shows the one before it, to return to.`]),
  ]
    .join('\n')
    .concat(unservedText(answer, page));
}
