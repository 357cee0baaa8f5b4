/** The menu at the side: pages, then every item by kind and folder. Folders are filled when they are opened, so 5,000 models cost nothing. */

import type { ItemKind } from '../site-data.ts';
import { KIND_NAMES } from './badges.ts';
import { toneOf } from './charts.ts';
import { h, icon } from './element.ts';
import { whole } from './format.ts';
import { addressOf } from './route.ts';
import { itemAt, type Site } from './site.ts';

const KINDS: readonly ItemKind[] = [
  'model',
  'source',
  'seed',
  'snapshot',
  'semantic_model',
  'metric',
  'saved_query',
  'exposure',
  'group',
  'analysis',
  'macro',
  'function',
  'test',
  'unit_test',
];

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly items: number[];
}

export function menu(site: Site): HTMLElement {
  const byKind = new Map<ItemKind, number[]>();
  site.index.items.forEach((item, at) => {
    const list = byKind.get(item.kind);
    if (list) list.push(at);
    else byKind.set(item.kind, [at]);
  });
  return h(
    'nav.menu',
    { 'aria-label': 'Contents', id: 'menu' },
    h('a.menu-page', { href: '#/' }, icon('home'), 'Overview'),
    h('a.menu-page', { href: '#/lineage' }, icon('graph'), 'Lineage'),
    site.index.guide.length > 0 &&
      h(
        'details',
        { open: '' },
        h('summary', null, icon('book'), 'Guide'),
        h(
          'ul',
          null,
          site.index.guide.map(({ slug, title }) => h('li', null, h('a', { href: `#/guide/${slug}` }, title))),
        ),
      ),
    KINDS.flatMap((kind) => {
      const items = byKind.get(kind);
      if (!items) return [];
      const quiet = kind === 'test' || kind === 'unit_test' || kind === 'macro' || kind === 'analysis';
      const folder = quiet ? { folders: new Map(), items } : foldersOf(site, items);
      return [
        branch(site, KIND_NAMES[kind][1], items.length, folder, !quiet && items.length <= 60, `#/all?kind=${kind}`),
      ];
    }),
  );
}

function foldersOf(site: Site, items: readonly number[]): Folder {
  const root: Folder = { folders: new Map(), items: [] };
  for (const at of items) {
    const item = itemAt(site, at);
    // Sources lie where they are read from, everything else where its file is.
    const path = item.kind === 'source' ? item.name.split('.').slice(0, 1) : item.path.split('/').slice(1, -1);
    let folder = root;
    for (const part of path) {
      const inner = folder.folders.get(part) ?? { folders: new Map(), items: [] };
      folder.folders.set(part, inner);
      folder = inner;
    }
    folder.items.push(at);
  }
  return root;
}

/** More than this in one folder, and the list takes over. */
const SHOWN = 200;

function branch(
  site: Site,
  title: string,
  count: number,
  folder: Folder,
  open: boolean,
  listAddress: string | null,
): HTMLElement {
  const list = h('ul');
  const fill = () => {
    if (list.firstChild) return;
    for (const [name, inner] of folder.folders)
      list.append(h('li', null, branch(site, name, countOf(inner), inner, open, null)));
    for (const at of folder.items.slice(0, SHOWN)) list.append(h('li', null, entry(site, at)));
    if (folder.items.length > SHOWN)
      list.append(h('li', null, h('a.soft', { href: listAddress ?? '#/all' }, `all ${folder.items.length} …`)));
  };
  const details = h(
    'details',
    { ontoggle: () => details.open && fill() },
    h('summary', null, title, h('span.count', null, whole(count))),
    list,
  );
  if (open) {
    fill();
    details.open = true;
  }
  return details;
}

const countOf = (folder: Folder): number =>
  folder.items.length + [...folder.folders.values()].reduce((total, inner) => total + countOf(inner), 0);

function entry(site: Site, at: number): HTMLElement {
  const item = itemAt(site, at);
  const tone = toneOf(item.state);
  const name = item.kind === 'source' ? item.name.slice(item.name.indexOf('.') + 1) : item.name;
  return h(
    'a',
    { href: addressOf(item.slug), title: item.name },
    h('span.menu-name', null, name),
    (tone === 'bad' || tone === 'held' || tone === 'warn') &&
      h(`span.dot.tone-${tone}`, { role: 'img', 'aria-label': item.state ?? '' }),
  );
}

/** Marks the entry of the page one is on. */
export function markCurrent(root: HTMLElement, address: string): void {
  for (const old of root.querySelectorAll('[aria-current]')) old.removeAttribute('aria-current');
  for (const link of root.querySelectorAll('a'))
    if (link.getAttribute('href') === address) link.setAttribute('aria-current', 'page');
}
