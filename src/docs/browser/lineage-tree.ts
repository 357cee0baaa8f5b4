/** The same lineage as words: a tree for the keyboard, for screen readers and for whoever prefers lists. */
import { KIND_NAMES, stateWord } from './badges.ts';
import { h } from './element.ts';
import { addressOf } from './route.ts';
import { itemAt, type Site } from './site.ts';

interface Branch {
  readonly text: string;
  readonly note: string;
  readonly href: string | null;
  readonly branches: () => readonly Branch[];
}

/** As many names are read at a glance. */
const OPEN_UP_TO = 60;

/** Around one item: what it comes from and what depends on it; of many: by layer. Only `items` are shown. */
export function lineageTree(site: Site, items: ReadonlySet<number>, focus: number | undefined): HTMLElement {
  const branch = (next: (item: number) => readonly number[]) => {
    const one = (item: number): Branch => {
      const { name, slug, kind, state } = itemAt(site, item);
      return {
        text: name,
        note: state === undefined ? KIND_NAMES[kind][0] : `${KIND_NAMES[kind][0]}, ${stateWord(state)}`,
        href: addressOf(slug),
        branches: () =>
          next(item)
            .filter((other) => items.has(other))
            .map(one),
      };
    };
    return one;
  };
  const before = branch((item) => itemAt(site, item).parents);
  const after = branch((item) => site.children[item] ?? []);
  const group = (text: string, branches: readonly Branch[]): Branch => ({
    text,
    note: String(branches.length),
    href: null,
    branches: () => branches,
  });
  const roots =
    focus === undefined
      ? site.index.layers
          .map((layer) => group(layer, [...items].filter((item) => itemAt(site, item).layer === layer).map(after)))
          .filter((root) => root.note !== '0')
      : [group('Comes from', before(focus).branches()), group('Goes to', after(focus).branches())];
  const tree = h('ul.tree', {
    role: 'tree',
    'aria-label': 'Lineage as a tree',
    onkeydown: (event) => event instanceof KeyboardEvent && walk(tree, event),
  });
  tree.append(
    ...roots.map((root) => leaf(root, 1, focus !== undefined || roots.length === 1 || items.size <= OPEN_UP_TO)),
  );
  tree.querySelector('[role=treeitem]')?.setAttribute('tabindex', '0');
  return tree;
}

/** A row and, once opened, the list of its branches beside it: branches are made late, since a tree of a graph can be endless. */
function leaf(branch: Branch, level: number, open: boolean): HTMLElement {
  const branches = branch.branches();
  const onName = (event: Event) => {
    if (branch.href === null) return;
    event.stopPropagation();
    follow(row);
  };
  const row: HTMLElement = h(
    'span.leaf',
    {
      role: 'treeitem',
      tabindex: '-1',
      'aria-level': level,
      'aria-expanded': branches.length === 0 ? null : 'false',
      'data-href': branch.href,
      onclick: () => (branches.length > 0 ? toggle(row) : follow(row)),
    },
    h('span.twist', { 'aria-hidden': 'true' }),
    h('span.leaf-name', { onclick: onName }, branch.text),
    ' ',
    h('span.leaf-note', null, branch.note),
  );
  const holder = h('li', { role: 'none' }, row);
  row.addEventListener('dql-toggle', () => {
    const shown = row.getAttribute('aria-expanded') === 'true';
    const list = holder.querySelector('ul');
    if (list) list.hidden = !shown;
    else if (shown)
      holder.append(
        h(
          'ul',
          { role: 'group' },
          branches.map((inner) => leaf(inner, level + 1, false)),
        ),
      );
  });
  if (open && branches.length > 0) toggle(row);
  return holder;
}

function toggle(row: HTMLElement): void {
  row.setAttribute('aria-expanded', String(row.getAttribute('aria-expanded') !== 'true'));
  row.dispatchEvent(new CustomEvent('dql-toggle'));
}

const follow = (row: HTMLElement): void => {
  if (row.dataset.href !== undefined) location.hash = row.dataset.href;
};

/** Arrow keys as in every tree: right opens, left closes or goes up, up and down walk over what is open. */
function walk(tree: HTMLElement, event: KeyboardEvent): void {
  const shown = [...tree.querySelectorAll<HTMLElement>('[role=treeitem]')].filter((row) => !row.closest('ul[hidden]'));
  const { activeElement } = document;
  const here = activeElement instanceof HTMLElement ? shown.indexOf(activeElement) : -1;
  const row = shown[here];
  if (!row) return;
  const go = (next: Element | null | undefined) => {
    if (!(next instanceof HTMLElement) || next.role !== 'treeitem') return;
    row.setAttribute('tabindex', '-1');
    next.setAttribute('tabindex', '0');
    next.focus();
  };
  const expanded = row.getAttribute('aria-expanded');
  if (event.key === 'ArrowDown') go(shown[here + 1]);
  else if (event.key === 'ArrowUp') go(shown[here - 1]);
  else if (event.key === 'Home') go(shown[0]);
  else if (event.key === 'End') go(shown.at(-1));
  else if (event.key === 'ArrowRight' && expanded === 'false') toggle(row);
  else if (event.key === 'ArrowRight') go(shown[here + 1]);
  else if (event.key === 'ArrowLeft' && expanded === 'true') toggle(row);
  else if (event.key === 'ArrowLeft') go(row.closest('ul')?.previousElementSibling);
  else if (event.key === 'Enter' && row.dataset.href === undefined) toggle(row);
  else if (event.key === 'Enter') follow(row);
  else return;
  event.preventDefault();
}
