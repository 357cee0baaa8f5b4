/** The search field and the list under it: a combobox, as ARIA describes one. */

import { kindBadge } from './badges.ts';
import { append, h, icon } from './element.ts';
import { addressOf } from './route.ts';
import type { Found, Search } from './search.ts';
import { itemAt, type Site } from './site.ts';

export function searchBox(site: Site, search: Search): HTMLElement {
  const list = h('ul.found', { id: 'found', role: 'listbox', 'aria-label': 'Found', hidden: true });
  const input = h('input', {
    type: 'search',
    placeholder: 'Search models, columns, tags, SQL',
    'aria-label': 'Search',
    role: 'combobox',
    'aria-expanded': 'false',
    'aria-controls': 'found',
    'aria-autocomplete': 'list',
    autocomplete: 'off',
    spellcheck: 'false',
    oninput: () => show(),
    onfocus: () => {
      void search.readAll(() => input.value.trim() !== '' && document.activeElement === input && show());
      if (input.value !== '') show();
    },
    onkeydown: (event) => {
      if (event instanceof KeyboardEvent) onKey(event);
    },
  });
  let found: readonly Found[] = [];
  let marked = 0;

  const show = () => {
    found = search.find(input.value);
    marked = Math.min(marked, Math.max(0, found.length - 1));
    draw();
  };
  const draw = () => {
    list.replaceChildren();
    const open = input.value.trim() !== '';
    list.hidden = !open;
    input.setAttribute('aria-expanded', String(open));
    if (open && found.length === 0)
      append(list, [h('li.nothing', { role: 'option', 'aria-disabled': 'true' }, nothing())]);
    found.forEach((hit, at) => {
      const item = itemAt(site, hit.item);
      const option = h(
        'li',
        {
          role: 'option',
          id: `found-${at}`,
          'aria-selected': String(at === marked),
          onmousedown: (event) => event.preventDefault(),
          onclick: () => open_(hit),
        },
        h('span.found-name', null, item.name, kindBadge(item.kind)),
        h('span.found-about', null, hit.because === '' ? item.about : hit.because),
      );
      list.append(option);
    });
    if (found.length > 0) input.setAttribute('aria-activedescendant', `found-${marked}`);
    else input.removeAttribute('aria-activedescendant');
  };
  const nothing = () =>
    search.isComplete() ? 'Nothing found' : 'Nothing found yet: SQL and descriptions are still being read';
  const close = () => {
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const open_ = (hit: Found) => {
    location.hash = addressOf(itemAt(site, hit.item).slug, hit.column === null ? '' : `column/${hit.column}`);
    input.value = '';
    close();
    input.blur();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (found.length === 0) return;
      marked = (marked + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length;
      draw();
      document.getElementById(`found-${marked}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      const hit = found[marked];
      if (hit) open_(hit);
    } else if (event.key === 'Escape') {
      input.value = '';
      close();
      input.blur();
    } else marked = 0;
  };
  input.addEventListener('blur', close);
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if ((event.key === '/' && !typing) || (event.key === 'k' && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
  return h('div.search', { role: 'search' }, icon('search'), input, h('kbd', { 'aria-hidden': 'true' }, '/'), list);
}
