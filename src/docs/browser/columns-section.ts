/** The columns of a relation: type, description, constraints, what they hold, their tests, and where each comes from and goes to. */
import type { ColumnDetail, ItemDetail } from '../site-data.ts';
import { stateWord } from './badges.ts';
import { histogram, toneOf } from './charts.ts';
import { type ColumnFlow, columnTrace } from './column-trace.ts';
import { h, icon } from './element.ts';
import { descriptionText } from './folded-text.ts';
import { percent, plural, range, short, whole } from './format.ts';
import { withNameLinks } from './name-links.ts';
import { addressOf, lineageAddress, type Route } from './route.ts';
import type { Section } from './section.ts';
import { selectorFor } from './selection.ts';
import { itemAt, type Site } from './site.ts';

export async function columnsSection(
  site: Site,
  position: number,
  detail: ItemDetail,
  route: Route,
): Promise<Section | undefined> {
  if (detail.columns.length === 0) return undefined;
  const trace = site.index.columnLineage ? columnTrace(await site.columnLineage()) : undefined;
  const wanted = route.place.startsWith('column/') ? route.place.slice('column/'.length) : undefined;
  const sampled = detail.measured !== null && detail.measured.of !== 'all';
  const measured = detail.columns.some((column) => column.nullShare !== undefined || column.distinct !== undefined);
  const rows = detail.columns.map((column, at) =>
    columnRow(
      site,
      position,
      at,
      column,
      wanted === column.name,
      measured,
      sampled,
      trace?.into(position, at) ?? [],
      trace?.outOf(position, at) ?? [],
    ),
  );
  const { measured: looked } = detail;
  return {
    name: 'columns',
    title: 'Columns',
    count: detail.columns.length,
    body: [
      h(
        'div.wide',
        { tabindex: '0', role: 'group', 'aria-label': 'Columns' },
        h(
          'table.columns',
          null,
          h(
            'thead',
            null,
            h(
              'tr',
              null,
              h('th', { scope: 'col' }, 'Column'),
              h('th', { scope: 'col' }, 'Description'),
              measured && [
                h('th.number', { scope: 'col' }, 'Null'),
                h('th.number', { scope: 'col' }, 'Distinct'),
                h('th', { scope: 'col' }, 'Values'),
              ],
              h('th', { scope: 'col' }, 'Tests'),
            ),
          ),
          h('tbody', null, rows),
        ),
      ),
      looked !== null &&
        h(
          'p.note',
          null,
          `Measured on ${LOOKED_AT[looked.of](looked.rows)}.${sampled ? ' Figures with ≈ are estimates, + means at least so many; other rows may lie outside the ranges.' : ''}`,
        ),
    ].filter((node) => node !== false),
  };
}

/** Of a part of the rows. */
const about = (sampled: boolean, text: string): string => (sampled ? `≈ ${text}` : text);

/** Of a part of the rows: at least so many. */
const distinctCell = (count: number, sampled: boolean): HTMLElement =>
  h('td.number', { title: `${sampled ? 'at least ' : ''}${whole(count)}` }, `${short(count)}${sampled ? '+' : ''}`);

const LOOKED_AT = {
  all: (rows: number) => (rows === 0 ? 'no rows: there are none' : `all ${plural(rows, 'row')}`),
  sample: (rows: number) => `a sample of ${plural(rows, 'row')}`,
  first: (rows: number) => `the first ${plural(rows, 'row')}: to count all of them they would have to be computed`,
} as const;

function columnRow(
  site: Site,
  position: number,
  at: number,
  column: ColumnDetail,
  marked: boolean,
  measured: boolean,
  sampled: boolean,
  into: readonly ColumnFlow[],
  outOf: readonly ColumnFlow[],
): HTMLElement {
  const { slug } = itemAt(site, position);
  const flow = (label: string, flows: readonly ColumnFlow[], end: (flow: ColumnFlow) => readonly [number, number]) =>
    flows.length > 0 &&
    h(
      'p.flow',
      null,
      h('span.soft', null, label),
      h(
        'span',
        null,
        flows.slice(0, 6).map((one) => {
          const [item, other] = end(one);
          const { name, columns = [], slug: address } = itemAt(site, item);
          return h(
            'a',
            {
              href: addressOf(address, `column/${columns[other] ?? ''}`),
              class: one.copy ? 'copied' : 'derived',
              title: one.copy ? 'taken over as it is' : 'through an expression',
            },
            `${name}.${columns[other] ?? ''}`,
          );
        }),
        flows.length > 6 && h('span.soft', null, `and ${flows.length - 6} more`),
      ),
    );
  return h(
    'tr',
    { id: `column-${column.name}`, class: marked ? 'marked' : null },
    h(
      'th',
      { scope: 'row' },
      h(
        'span.column-head',
        null,
        h('a.column-name', { href: addressOf(slug, `column/${column.name}`) }, column.name),
        into.length + outOf.length > 0 &&
          h(
            'a.trace',
            {
              href: lineageAddress({
                select: `+${selectorFor(site, position)}+`,
                columns: '1',
                column: `${position}/${at}`,
              }),
              'aria-label': `Trace ${column.name} in the graph`,
              title: 'Trace it in the graph',
            },
            icon('graph'),
          ),
      ),
      column.type !== null && h('span.type', null, column.type.toLowerCase()),
      (column.constraints.length > 0 || column.personal || column.tags.length > 0) &&
        h(
          'span.marks',
          null,
          column.constraints.map((constraint) => h('span.constraint', null, constraint)),
          column.personal && h('span.constraint.personal', null, 'personal'),
          column.tags.filter((tag) => tag !== 'pii').map((tag) => h('span.constraint', null, tag)),
        ),
    ),
    h(
      'td.about',
      null,
      column.description === null
        ? h('span.faint', null, '—')
        : withNameLinks(site, descriptionText(column.description, 'cell')),
      column.describedBy !== undefined && h('p.faint', null, `inherited from ${column.describedBy}`),
      flow('from', into, (one) => [one.from, one.fromColumn]),
      flow('to', outOf, (one) => [one.to, one.toColumn]),
    ),
    measured && [
      h('td.number', null, column.nullShare === undefined ? '' : about(sampled, percent(column.nullShare))),
      column.distinct === undefined ? h('td.number') : distinctCell(column.distinct, sampled),
      h('td.values', null, values(column, sampled)),
    ],
    h(
      'td.tests',
      null,
      column.tests.map((test) => {
        const { slug: address, name, state } = itemAt(site, test);
        const short_ = shortTestName(name, column.name, itemAt(site, position).name);
        return h(
          'a.test',
          { href: addressOf(address), title: `${name}: ${state === undefined ? 'never run' : stateWord(state)}` },
          h(`span.dot.tone-${toneOf(state)}`, { 'aria-hidden': 'true' }),
          short_,
        );
      }),
      column.inheritedTests?.map((test) => {
        const { slug: address, name, state } = itemAt(site, test);
        return h(
          'a.test',
          {
            href: addressOf(address),
            title: `holds here too, the column is copied: ${state === undefined ? 'never run' : stateWord(state)}`,
          },
          h(`span.dot.tone-${toneOf(state)}`, { 'aria-hidden': 'true' }),
          `↑ ${name}`,
        );
      }),
    ),
  );
}

function values(column: ColumnDetail, sampled: boolean): readonly Node[] {
  const rows = sampled ? 'rows of those looked at' : 'rows';
  if (column.personal) return [h('span.faint', null, 'not shown')];
  const shown: Node[] = [];
  if (column.histogram && column.histogram.length > 1)
    shown.push(
      histogram(
        column.histogram,
        `${column.name} from ${column.min ?? ''} to ${column.max ?? ''}: ${column.histogram.join(', ')} ${rows} a bucket`,
      ),
    );
  if (column.frequent && column.frequent.length > 0) {
    const most = Math.max(...column.frequent.map(({ count }) => count));
    shown.push(
      h(
        'ul.frequent',
        null,
        column.frequent
          .slice(0, 4)
          .map(({ value, count }) =>
            h(
              'li',
              { title: `${value}: ${whole(count)} ${rows}` },
              h('span.bar', { style: `width:${Math.max(2, (count / most) * 100)}%` }),
              h('span', null, value),
            ),
          ),
      ),
    );
  } else if (column.min !== undefined && column.max !== undefined)
    shown.push(
      h('span.range', { title: `${column.min} … ${column.max}` }, about(sampled, range(column.min, column.max))),
    );
  return shown;
}

/** `not_null_orders_id` beside the column `id` of `orders` is `not null`; a name of the user's own stays. */
export const shortTestName = (name: string, column: string, model: string): string => {
  const tail = `_${model.replaceAll('.', '_')}_${column}`;
  const at = name.replace(/\W/g, '_').indexOf(tail.replace(/\W/g, '_'));
  return at > 0
    ? name
        .slice(0, at)
        .replace(/^source_/, '')
        .replaceAll('_', ' ')
    : name;
};
