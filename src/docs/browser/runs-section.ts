/** How building a node went over time, and which builds are kept. */
import type { ItemDetail } from '../site-data.ts';
import { itemLink, stateBadge, stateWord } from './badges.ts';
import { columnsPlot, type PlotPoint, toneOf } from './charts.ts';
import { h } from './element.ts';
import { bytes, duration, moment, plural, short, whole } from './format.ts';
import type { Section } from './section.ts';
import { itemAt, type Site } from './site.ts';

export function runsSection(site: Site, position: number, detail: ItemDetail): Section | undefined {
  const { kind, materialized = '' } = itemAt(site, position);
  if (detail.runs.length === 0 || kind === 'test' || kind === 'unit_test') return undefined;
  const point =
    (value: number | null, spelled: (value: number) => string) =>
    (at: number, state: string): PlotPoint[] => {
      const run = site.index.runs[at];
      return value === null || !run
        ? []
        : [{ value, tone: toneOf(state), title: `${moment(run.at)}: ${spelled(value)}, ${stateWord(state)}` }];
    };
  // A run that built nothing says nothing of what building it costs.
  const seconds = detail.runs.flatMap(([run, state, took]) =>
    UNTIMED.has(state) ? [] : point(took, duration)(run, state),
  );
  const isWritten = ['incremental', 'snapshot'].includes(materialized);
  const rows = detail.runs.flatMap(([run, state, , amount]) =>
    isWritten && UNTIMED.has(state) ? [] : point(amount, (value) => plural(value, 'row'))(run, state),
  );
  const counted = isWritten ? 'Rows written' : 'Rows';
  return {
    name: 'runs',
    title: 'Runs',
    count: detail.runs.length,
    body: [
      h(
        'div.plots',
        null,
        seconds.length > 0 &&
          h(
            'figure',
            null,
            h('figcaption', null, 'Seconds to build'),
            columnsPlot(seconds, `Seconds to build over the last ${plural(seconds.length, 'run')}`, time),
          ),
        rows.length > 0 &&
          h(
            'figure',
            null,
            h('figcaption', null, counted),
            columnsPlot(rows, `${counted} over the last ${plural(rows.length, 'run')}`, short),
          ),
      ),
    ],
  };
}

/** Nothing was built. */
const UNTIMED = new Set(['reused', 'skipped', 'rolled back']);

export function versionsSection(detail: ItemDetail): Section | undefined {
  if (detail.versions.length === 0) return undefined;
  const columns: readonly VersionColumn[] = [
    ['Built', 'text', ({ at }) => moment(at)],
    ['Rows', 'number', ({ rows }) => rows !== null && whole(rows)],
    ['Size', 'number', ({ bytes: size }) => size !== null && bytes(size)],
    ['Commit', 'text', ({ git }) => git !== null && h('code', null, git.slice(0, 8))],
    ['Because', 'soft', ({ reason }) => reason],
  ];
  const shown = columns.filter(([, , cell]) => detail.versions.some((version) => cell(version)));
  return {
    name: 'versions',
    title: 'Versions',
    count: detail.versions.length,
    body: [
      h(
        'div.wide',
        { tabindex: '0', role: 'group', 'aria-label': 'Versions' },
        h(
          'table',
          null,
          h(
            'thead',
            null,
            h(
              'tr',
              null,
              h('th', { scope: 'col' }, 'Version'),
              shown.map(([title, kind]) => h('th', { scope: 'col', class: kind }, title)),
            ),
          ),
          h(
            'tbody',
            null,
            detail.versions.map((version) =>
              h(
                'tr',
                null,
                h(
                  'th',
                  { scope: 'row' },
                  `${version.version} `,
                  version.current && h('span.state.tone-good', null, 'what readers see'),
                ),
                shown.map(([, kind, cell]) => h('td', { class: kind }, cell(version))),
              ),
            ),
          ),
        ),
      ),
      h('p.note', null, 'Every kept version can be brought back with ', h('code', null, 'dql rollback'), '.'),
    ],
  };
}

type VersionColumn = readonly [
  title: string,
  kind: string,
  cell: (version: ItemDetail['versions'][number]) => Node | string | false | null,
];

/** On a scale. */
const time = (seconds: number): string => (seconds === 0 ? '0' : duration(seconds));

/** The runs of the whole project, for the home page. */
export function projectRuns(site: Site): HTMLElement | null {
  const { runs } = site.index;
  if (runs.length === 0) return null;
  const points = runs.map((run): PlotPoint => {
    const { passed, failed } = run.tests;
    return {
      value: run.seconds,
      tone: toneOf(run.status),
      title: `${moment(run.at)}: ${run.command}, ${duration(run.seconds)}, ${plural(passed, 'test')} passed, ${failed} failed${run.git === null ? '' : `, commit ${run.git.slice(0, 8)}`}`,
    };
  });
  return h(
    'figure',
    null,
    h('figcaption', null, `Seconds a run took, last ${plural(runs.length, 'run')}`),
    columnsPlot(points, `Seconds a run took over the last ${plural(runs.length, 'run')}`, time),
  );
}

export const stateLine = (site: Site, item: number, status: string, text: string): HTMLElement =>
  h('li.state-line', null, itemLink(site, item), stateBadge(status), h('p.soft', null, text));
