/** Tests of a node with their last verdict and their past; on a test's own page its last result. */
import type { RowSample } from '../../run/results.ts';
import type { ItemDetail } from '../site-data.ts';
import { itemLink, stateBadge, stateWord } from './badges.ts';
import { toneOf, verdictStrip } from './charts.ts';
import { h } from './element.ts';
import { ago, duration, moment, plural } from './format.ts';
import { addressOf } from './route.ts';
import { nullCell, rowTable } from './row-table.ts';
import type { Section } from './section.ts';
import { itemAt, type Site } from './site.ts';

export async function testsSection(site: Site, position: number, detail: ItemDetail): Promise<Section | undefined> {
  if (detail.tests.length === 0) return undefined;
  const details = await Promise.all(detail.tests.map((test) => site.detailOf(test)));
  const rows = detail.tests.map((test, at) => {
    const { name, slug, state, tested } = itemAt(site, test);
    const facts = details[at];
    return h(
      'tr',
      null,
      h('th', { scope: 'row' }, h('a', { href: addressOf(slug) }, name)),
      h(
        'td',
        null,
        tested?.column
          ? h(
              'a.column-name',
              { href: addressOf(itemAt(site, position).slug, `column/${tested.column}`) },
              tested.column,
            )
          : '',
      ),
      h('td.verdict-cell', null, stateBadge(state) ?? h('span.faint', null, 'never run')),
      h('td.number', null, facts?.last?.failures ? plural(facts.last.failures, 'row') : ''),
      h('td', null, facts && facts.runs.length > 0 ? strip(site, facts) : ''),
    );
  });
  return {
    name: 'tests',
    title: 'Tests',
    count: detail.tests.length,
    body: [
      h(
        'div.wide',
        { tabindex: '0', role: 'group', 'aria-label': 'Tests' },
        h(
          'table.tests-table',
          null,
          h(
            'thead',
            null,
            h(
              'tr',
              null,
              ['Test', 'Column', 'Last', 'Failures', 'Past runs'].map((title) =>
                h('th', { scope: 'col', class: title === 'Failures' ? 'number' : null }, title),
              ),
            ),
          ),
          h('tbody', null, rows),
        ),
      ),
    ],
  };
}

function strip(site: Site, detail: ItemDetail): HTMLElement {
  const past = detail.runs.slice(-30).map(([run, state, , failures]) => {
    const at = site.index.runs[run]?.at;
    return {
      state,
      title: `${at === undefined ? '' : moment(at)}: ${stateWord(state)}${failures ? `, ${plural(failures, 'row')}` : ''}`,
    };
  });
  const good = past.filter(({ state }) => state === 'pass' || state === 'proved').length;
  return verdictStrip(past, `${good} of the last ${past.length} runs passed`);
}

/** What the last run said of a test, or of a node that failed. */
export function lastResult(site: Site, position: number, detail: ItemDetail): Section | undefined {
  const item = itemAt(site, position);
  const isTest = item.kind === 'test' || item.kind === 'unit_test';
  const { last } = detail;
  const failed = last !== null && ['error', 'runtime error'].includes(last.status);
  if (!isTest && !failed) return undefined;
  const body: (Node | string)[] = [];
  if (last === null) body.push(h('p.soft', null, 'It was not part of the last run.'));
  else {
    const told = [
      stateBadge(last.status),
      last.failures !== null && last.failures > 0 && plural(last.failures, 'row does not hold', 'rows do not hold'),
      last.considered !== null && `${plural(last.considered, 'row')} considered`,
      item.seconds !== undefined && `took ${duration(item.seconds)}`,
      last.at !== null && ago(last.at),
    ].filter((part) => part !== false && part !== null);
    body.push(
      h(
        'p.verdict',
        null,
        told.map((part) => h('span', null, part)),
      ),
    );
    if (last.message !== null) body.push(h(`pre.message.tone-${toneOf(last.status)}`, null, last.message));
    if (last.hint !== null) body.push(h('p', null, last.hint));
    if (last.sample) body.push(sampleTable(last.sample));
    if (last.sample?.masked !== undefined)
      body.push(h('p.soft', null, `Masked to be on the safe side: ${last.sample.masked}`));
  }
  if (isTest && detail.runs.length > 0)
    body.push(h('p.past', null, h('span.soft', null, 'Past runs'), strip(site, detail)));
  if (item.tested) {
    const { column } = item.tested;
    body.push(
      h(
        'p',
        null,
        h('span.soft', null, 'Looks at '),
        itemLink(site, item.tested.item),
        column !== null && [
          h('span.soft', null, ', column '),
          h('a.column-name', { href: addressOf(itemAt(site, item.tested.item).slug, `column/${column}`) }, column),
        ],
      ),
    );
  }
  return { name: 'result', title: 'Last result', body };
}

const sampleTable = (sample: RowSample): HTMLElement =>
  rowTable(
    'Failing rows',
    sample.columns,
    sample.rows.map((row) => row.map((cell) => cell ?? nullCell())),
    sample.truncated && h('p.note', null, 'There are more.'),
  );
