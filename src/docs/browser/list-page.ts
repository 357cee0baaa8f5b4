/** Lists: everything of a kind, of a tag, of an owner; a hundred at a time. */

import type { ItemKind } from '../site-data.ts';
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
  const more = h('button.button', { type: 'button', onclick: () => show() }, 'Show more');
  let shown = 0;
  const show = () => {
    for (const at of found.slice(shown, shown + STEP)) body.append(row(site, at));
    shown += STEP;
    more.hidden = shown >= found.length;
  };
  show();
  const titles = ['Name', 'Description', 'State', 'Quality', 'Rows', 'Took'];
  return h(
    'article.list-page',
    null,
    h('h1', null, title),
    h('p.soft', null, plural(found.length, 'entry', 'entries')),
    found.length > 0 &&
      h(
        'div.wide',
        { tabindex: '0', role: 'region', 'aria-label': title },
        h(
          'table',
          null,
          h(
            'thead',
            null,
            h(
              'tr',
              null,
              titles.map((name, at) => h('th', { scope: 'col', class: at > 2 ? 'number' : null }, name)),
            ),
          ),
          body,
        ),
      ),
    more,
  );
}

function row(site: Site, at: number): HTMLElement {
  const item = itemAt(site, at);
  return h(
    'tr',
    null,
    h('th', { scope: 'row' }, itemLink(site, at)),
    h('td.soft', null, item.about),
    h('td', null, stateBadge(item.state)),
    h('td.number', null, item.score === undefined ? '' : String(item.score)),
    h('td.number', null, item.rows === undefined ? '' : short(item.rows)),
    h('td.number', null, item.seconds === undefined ? '' : duration(item.seconds)),
  );
}

const isKind = (kind: string): kind is ItemKind => kind in KIND_NAMES;
