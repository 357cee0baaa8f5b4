/** `` `stg_orders` `` in somebody's prose becomes a way to its page, where there is one. */
import { h } from './element.ts';
import { addressOf } from './route.ts';
import { itemAt, type Site } from './site.ts';

const named = new WeakMap<Site, ReadonlyMap<string, number>>();

/** Links the names of items in the element, in place; answers the element. */
export function withNameLinks(site: Site, prose: HTMLElement): HTMLElement {
  const names = named.get(site) ?? namesOf(site);
  named.set(site, names);
  for (const code of prose.querySelectorAll('code')) {
    if (code.closest('a, pre')) continue;
    const item = names.get(code.textContent ?? '');
    if (item === undefined) continue;
    const link = h('a', { href: addressOf(itemAt(site, item).slug) });
    code.replaceWith(link);
    link.append(code);
  }
  return prose;
}

/** What people mean by a plain name: models and what they read, not tests or macros of the same name. */
function namesOf(site: Site): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  site.index.items.forEach(({ kind, name }, position) => {
    if (['model', 'source', 'seed', 'snapshot'].includes(kind) && !names.has(name)) names.set(name, position);
  });
  return names;
}
