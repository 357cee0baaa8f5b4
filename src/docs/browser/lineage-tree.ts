/** The same lineage as words: a tree for the keyboard, for screen readers and for whoever prefers lists. */
import { stateWord } from './badges.ts';
import { h } from './element.ts';
import { addressOf } from './route.ts';
import { itemAt, type Site } from './site.ts';

interface Branch {
  readonly text: string;
  readonly note: string;
  readonly href: string | null;
  readonly branches: () => readonly Branch[];
}

/** Around one item: what it comes from and what depends on it; of many: by layer. Only `items` are shown. */
export function lineageTree(site: Site, items: ReadonlySet<number>, focus: number | undefined): HTMLElement {
  const branch = (next: (item: number) => readonly number[]) => {
    const one = (item: number): Branch => {
      const { name, slug, kind, state } = itemAt(site, item);
      return {
        text: name,
        note: state === undefined ? kind : `${kind}, ${stateWord(state)}`,
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
  tree.append(...roots.map((root) => leaf(root, 1, focus !== undefined || roots.length === 1)));
  tree.querySelector('[role=treeitem]')?.setAttribute('tabindex', '0');
  return tree;
}

function leaf(branch: Branch, level: number, open: boolean): HTMLElement {
  const branches = branch.branches();
  const item = h(
    'li',
    {
      role: 'treeitem',
      tabindex: '-1',
      'aria-level': level,
      'aria-expanded': branches.length === 0 ? null : 'false',
      'aria-label': `${branch.text}, ${branch.note}`,
      ...(branch.href !== null && { 'data-href': branch.href }),
    },
    h(
      'span.leaf',
      { onclick: () => (branches.length > 0 ? toggle(item) : follow(item)) },
      h('span.twist', { 'aria-hidden': 'true' }),
      h(
        'span.leaf-name',
        { onclick: (event) => branch.href !== null && (event.stopPropagation(), follow(item)) },
        branch.text,
      ),
      h('span.leaf-note', null, branch.note),
    ),
  );
  // Branches are made when they are opened: a tree of a graph can be endless.
  item.addEventListener('dql-open', (event) => {
    event.stopPropagation();
    if (!item.querySelector('ul'))
      item.append(
        h(
          'ul',
          { role: 'group' },
          branches.map((inner) => leaf(inner, level + 1, false)),
        ),
      );
  });
  if (open && branches.length > 0) toggle(item);
  return item;
}

function toggle(item: HTMLElement, open = item.getAttribute('aria-expanded') !== 'true'): void {
  item.setAttribute('aria-expanded', String(open));
  if (open) item.dispatchEvent(new CustomEvent('dql-open'));
}

const follow = (item: HTMLElement): void => {
  if (item.dataset.href !== undefined) location.hash = item.dataset.href;
};

/** Arrow keys as in every tree: right opens, left closes or goes up, up and down walk over what is open. */
function walk(tree: HTMLElement, event: KeyboardEvent): void {
  const shown = [...tree.querySelectorAll<HTMLElement>('[role=treeitem]')].filter(
    (item) => !item.parentElement?.closest('[aria-expanded=false]'),
  );
  const here = shown.findIndex((item) => item === document.activeElement);
  const item = shown[here];
  if (!item) return;
  const expanded = item.getAttribute('aria-expanded');
  const go = (next: Element | null | undefined) => {
    if (!(next instanceof HTMLElement)) return;
    item.setAttribute('tabindex', '-1');
    next.setAttribute('tabindex', '0');
    next.focus();
  };
  if (event.key === 'ArrowDown') go(shown[here + 1]);
  else if (event.key === 'ArrowUp') go(shown[here - 1]);
  else if (event.key === 'Home') go(shown[0]);
  else if (event.key === 'End') go(shown.at(-1));
  else if (event.key === 'ArrowRight') expanded === 'false' ? toggle(item, true) : go(shown[here + 1]);
  else if (event.key === 'ArrowLeft')
    expanded === 'true' ? toggle(item, false) : go(item.parentElement?.closest('[role=treeitem]'));
  else if (event.key === 'Enter') follow(item);
  else return;
  event.preventDefault();
}
