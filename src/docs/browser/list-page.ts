/** Lists: everything of a kind, of a tag, of an owner; a hundred at a time. */

import type { IndexItem, ItemKind } from '../site-data.ts';
import { itemLink, KIND_NAMES, stateBadge } from './badges.ts';
import { h } from './element.ts';
import { duration, plural, short } from './format.ts';
import type { Route } from './route.ts';
import { itemAt, type Site } from './site.ts';

const STEP = 100;

export function listPage(site: Site, route: Route): HTMLElement {
  const kind = route.query.get('kind');
  const tag = route.query.get('tag');
  const owner = route.query.get('owner');
  const found = site.index.items.flatMap((item, at) =>
    (kind === null || item.kind === kind) &&
    (tag === null || item.tags?.includes(tag)) &&
    (owner === null || item.owner === owner)
      ? [at]
      : [],
  );
  const title =
    kind !== null && isKind(kind)
      ? KIND_NAMES[kind][1]
      : tag !== null
        ? `Tagged ${tag}`
        : owner !== null
          ? `Owned by ${owner}`
          : 'Everything';
  const body = h('tbody');
  const columns = COLUMNS.filter(([, , cell]) => found.some((at) => cell(itemAt(site, at)) !== undefined));
  const more = h('button.button', { type: 'button', onclick: () => show() }, 'Show more');
  let shown = 0;
  const show = () => {
    for (const at of found.slice(shown, shown + STEP)) body.append(row(site, at, columns));
    shown += STEP;
    more.hidden = shown >= found.length;
  };
  show();
  return h(
    'article.list-page',
    null,
    h('h1', null, title),
    h('p.soft', null, plural(found.length, 'entry', 'entries')),
    found.length > 0 &&
      h(
        'div.wide',
        { tabindex: '0', role: 'group', 'aria-label': title },
        h(
          'table.list',
          null,
          h(
            'thead',
            null,
            h(
              'tr',
              null,
              h('th', { scope: 'col' }, 'Name'),
              columns.map(([name, kind]) => h('th', { scope: 'col', class: kind === 'number' ? kind : null }, name)),
            ),
          ),
          body,
        ),
      ),
    more,
  );
}

type ListColumn = readonly [name: string, kind: string, cell: (item: IndexItem) => Node | string | undefined];

/** Those that say nothing of any entry are left out. */
const COLUMNS: readonly ListColumn[] = [
  ['Description', 'soft', ({ about }) => (about === '' ? undefined : about)],
  ['State', 'state-cell', ({ state }) => stateBadge(state) ?? undefined],
  ['Quality', 'number', ({ score }) => (score === undefined ? undefined : String(score))],
  ['Rows', 'number', ({ rows }) => (rows === undefined ? undefined : short(rows))],
  ['Took', 'number', ({ seconds }) => (seconds === undefined ? undefined : duration(seconds))],
];

const row = (site: Site, at: number, columns: readonly ListColumn[]): HTMLElement =>
  h(
    'tr',
    null,
    h('th', { scope: 'row' }, itemLink(site, at)),
    columns.map(([name, kind, cell]) => h('td', { class: kind, 'data-name': name }, cell(itemAt(site, at)))),
  );

const isKind = (kind: string): kind is ItemKind => kind in KIND_NAMES;
