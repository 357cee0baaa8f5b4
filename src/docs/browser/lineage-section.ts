/** What a node comes from and what depends on it: a small graph, one step each way to begin with. */
import { DRAWN } from '../site-data.ts';
import { itemLink } from './badges.ts';
import { h } from './element.ts';
import { plural } from './format.ts';
import { graphView } from './graph-view.ts';
import { lineageAddress } from './route.ts';
import type { Section } from './section.ts';
import { selectorFor } from './selection.ts';
import { itemAt, type Site } from './site.ts';

/** A small graph shows no more than this; the lineage page shows all. */
const SHOWN = 60;

export function lineageSection(site: Site, position: number): Section | undefined {
  const item = itemAt(site, position);
  if (!DRAWN.has(item.kind)) return undefined;
  const drawn = (others: readonly number[]) => others.filter((other) => DRAWN.has(itemAt(site, other).kind));
  const parents = drawn(item.parents);
  const children = drawn(site.children[position] ?? []);
  if (parents.length + children.length === 0) return undefined;
  const holder = h('div.small-graph');
  const reach = (steps: number, next: (at: number) => readonly number[]) => {
    let layer: readonly number[] = [position];
    const found = new Set<number>();
    for (let step = 0; step < steps; step++) {
      layer = layer.flatMap((at) => drawn(next(at))).filter((other) => !found.has(other));
      for (const other of layer) found.add(other);
    }
    return found;
  };
  const show = (steps: number) => {
    const items = [
      ...new Set([
        position,
        ...reach(steps, (at) => itemAt(site, at).parents),
        ...reach(steps, (at) => site.children[at] ?? []),
      ]),
    ].slice(0, SHOWN);
    const view = graphView(site, items, {
      lens: 'layer',
      wheelZooms: false,
      label: `Lineage around ${item.name}`,
      focus: position,
    });
    view.element.style.height = `${Math.round(Math.min(420, Math.max(150, view.scene.height + 60)))}px`;
    holder.replaceChildren(view.element);
  };
  show(1);
  const steps = [1, 2, 3].map((step) =>
    h(
      'button',
      {
        type: 'button',
        'aria-pressed': String(step === 1),
        onclick: () => {
          for (const [at, button] of steps.entries()) button.setAttribute('aria-pressed', String(at + 1 === step));
          show(step);
        },
      },
      step === 1 ? '1 step' : `${step} steps`,
    ),
  );
  const name = selectorFor(site, position);
  return {
    name: 'lineage',
    title: 'Lineage',
    body: [
      h(
        'div.lineage-head',
        null,
        h('div.switch', { role: 'group', 'aria-label': 'How far' }, steps),
        h('a.button', { href: lineageAddress({ select: `2+${name}+2` }) }, 'Open graph'),
        site.index.columnLineage &&
          item.columns !== undefined &&
          h('a.button', { href: lineageAddress({ select: `1+${name}+1`, columns: '1' }) }, 'Columns'),
        h('a.button', { href: lineageAddress({ select: `${name}+` }) }, 'Blast radius'),
      ),
      holder,
      h('div.sides', null, side(site, 'Comes from', parents), side(site, 'Goes to', children)),
    ],
  };
}

const side = (site: Site, title: string, items: readonly number[]): HTMLElement =>
  h(
    'div',
    null,
    h('h3', null, title),
    items.length === 0
      ? h('p.faint', null, 'Nothing')
      : h(
          'ul.links',
          null,
          items.slice(0, 40).map((item) => h('li', null, itemLink(site, item))),
        ),
    items.length > 40 && h('p.note', null, `and ${plural(items.length - 40, 'other')}`),
  );
