/** The lineage page: selection box, depth, colours, columns, graph or tree, export. All of it is in its address. */
import { DRAWN } from '../site-data.ts';
import { itemLink } from './badges.ts';
import { columnTrace } from './column-trace.ts';
import { h, icon } from './element.ts';
import { plural } from './format.ts';
import { LENSES, type Lens, legend } from './graph-scene.ts';
import { graphView } from './graph-view.ts';
import { lineageTree } from './lineage-tree.ts';
import { addressOf, lineageAddress, type Route } from './route.ts';
import { type Selected, selectItems, selectorFor } from './selection.ts';
import { itemAt, type Site } from './site.ts';

/** With more boxes than this their columns cannot be read. */
const COLUMNS_UP_TO = 80;

export async function lineagePage(site: Site, route: Route): Promise<HTMLElement> {
  const select = route.query.get('select') ?? '';
  const exclude = route.query.get('exclude') ?? '';
  const lens = LENSES.find((known) => known === route.query.get('colour')) ?? 'layer';
  const asTree = route.query.get('view') === 'tree';
  const withColumns = route.query.get('columns') === '1';
  const {
    items: selected,
    problems,
    note,
  } = select === '' && exclude === '' ? everything(site) : selectItems(site, select, exclude);
  const items = [...selected].filter((item) => isDrawn(site, item)).sort((a, b) => a - b);
  const around = aroundOf(select);
  const focus = around
    ? site.index.items.findIndex(
        (item, at) => isDrawn(site, at) && selectorFor(site, at) === around.name && item.name !== '',
      )
    : -1;
  const drawsColumns = withColumns && items.length <= COLUMNS_UP_TO && site.index.columnLineage;
  const trace = drawsColumns ? columnTrace(await site.columnLineage()) : undefined;

  const go = (changes: Readonly<Record<string, string>>) => {
    const now = {
      select,
      exclude,
      colour: lens === 'layer' ? '' : lens,
      columns: withColumns ? '1' : '',
      view: asTree ? 'tree' : '',
    };
    location.hash = lineageAddress({ ...now, ...changes });
  };
  const box = textBox('select', select, '+model+2   tag:daily   path:models/marts');
  const away = textBox('exclude', exclude, 'nothing');
  const facts = h('aside.chosen', { 'aria-live': 'polite', hidden: true });
  const column = route.query.get('column');
  const view = graphView(site, items, {
    lens,
    trace,
    wheelZooms: true,
    label: `Lineage of ${plural(items.length, 'node')}`,
    focus: focus < 0 ? undefined : focus,
    onChoose: (item) => showChosen(site, facts, item, items),
  });
  if (column !== null) requestAnimationFrame(() => view.traceColumn(column));
  const tests = items.length > 0 ? 0 : selected.size;
  const unseen = tests === 0 ? '' : `and ${plural(tests, 'item')} that the graph does not draw, as tests`;
  const count = h(
    'p.count',
    { role: 'status' },
    problems.length > 0 ? '' : [plural(items.length, 'node'), unseen, note].filter((part) => part !== '').join(', '),
  );
  const stage = asTree
    ? h('div.tree-holder', null, lineageTree(site, new Set(items), focus < 0 ? undefined : focus))
    : view.element;
  return h(
    'div.lineage-page',
    null,
    h('h1.spoken', null, 'Lineage'),
    h(
      'form.lineage-bar',
      {
        onsubmit: (event) => {
          event.preventDefault();
          go({ select: box.value.trim(), exclude: away.value.trim() });
        },
      },
      h('label.field.grow', null, h('span', null, 'Select'), box),
      h('label.field', null, h('span', null, 'Exclude'), away),
      h('button.button.primary', { type: 'submit' }, 'Show'),
      around && depth('Before', around.up, (up) => go({ select: aroundText({ ...around, up }) })),
      around && depth('After', around.down, (down) => go({ select: aroundText({ ...around, down }) })),
      h(
        'label.field',
        null,
        h('span', null, 'Colour'),
        lensMenu(lens, (colour) => go({ colour: colour === 'layer' ? '' : colour })),
      ),
      site.index.columnLineage &&
        h(
          'button.button',
          {
            type: 'button',
            'aria-pressed': String(withColumns),
            title:
              items.length > COLUMNS_UP_TO ? `Columns are drawn for up to ${COLUMNS_UP_TO} nodes: select fewer` : null,
            onclick: () => go({ columns: withColumns ? '' : '1' }),
          },
          'Columns',
        ),
      h(
        'button.button',
        { type: 'button', 'aria-pressed': String(asTree), onclick: () => go({ view: asTree ? '' : 'tree' }) },
        'Tree',
      ),
      select !== '' &&
        h('button.button', { type: 'button', onclick: () => go({ select: '', exclude: '' }) }, 'Whole project'),
    ),
    problems.length > 0 &&
      h(
        'div.problem',
        { role: 'alert' },
        problems.map((problem) => h('p', null, problem)),
      ),
    withColumns &&
      items.length > COLUMNS_UP_TO &&
      h('p.note', null, `Columns are drawn for up to ${COLUMNS_UP_TO} nodes. Select fewer to see them.`),
    h(
      'div.stage',
      null,
      stage,
      !asTree &&
        h(
          'div.stage-tools',
          null,
          tool('plus', 'Zoom in', () => view.zoom(1.3)),
          tool('minus', 'Zoom out', () => view.zoom(1 / 1.3)),
          tool('fit', 'Show all', () => view.fit()),
          tool('save', 'Save as SVG', () => save(view.file(`${site.index.title}: lineage`), 'lineage.svg')),
        ),
      !asTree &&
        items.length > 0 &&
        h(
          'ul.legend',
          { 'aria-label': `Colours: ${lens}` },
          legend(site, lens, items).map(({ colour, text }) =>
            h('li', null, h('span.swatch', { style: `background:${colour}` }), text),
          ),
        ),
      facts,
      count,
    ),
  );
}

const textBox = (name: string, value: string, placeholder: string): HTMLInputElement =>
  h('input', { name, value, placeholder, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off' });

const isDrawn = (site: Site, item: number): boolean => DRAWN.has(itemAt(site, item).kind);

const everything = (site: Site): Selected => ({ items: new Set(site.index.items.keys()), problems: [], note: '' });

interface Around {
  readonly name: string;
  readonly up: number | null;
  readonly down: number | null;
}

/** `2+orders+1` as a name and two depths; null is all the way. */
export function aroundOf(select: string): Around | undefined {
  const match = /^(?:(\d*)\+)?((?:\w+:)?"(?:[^"]|"")*"|[^\s,+@()*"]+)(?:\+(\d*))?$/.exec(select.trim());
  if (!match) return undefined;
  const depthOf = (written: string | undefined) =>
    written === undefined ? 0 : written === '' ? null : Number(written);
  return {
    name: match[2] ?? '',
    up: depthOf(match[1] ?? (select.trim().startsWith('+') ? '' : undefined)),
    down: depthOf(match[3]),
  };
}

export const aroundText = ({ name, up, down }: Around): string =>
  `${up === 0 ? '' : `${up ?? ''}+`}${name}${down === 0 ? '' : `+${down ?? ''}`}`;

function depth(label: string, value: number | null, set: (value: number | null) => void): HTMLElement {
  const step = (text: string, name: string, next: number | null, off: boolean) =>
    h('button', { type: 'button', 'aria-label': `${label}: ${name}`, disabled: off, onclick: () => set(next) }, text);
  return h(
    'div.field',
    { role: 'group', 'aria-label': `${label}: depth` },
    h('span', null, label),
    h(
      'div.stepper',
      null,
      step('−', 'one step less', value === null ? 3 : value - 1, value === 0),
      h('output', null, value === null ? 'all' : String(value)),
      step('+', 'one step more', value === null ? null : value >= 6 ? null : value + 1, value === null),
    ),
  );
}

function lensMenu(lens: Lens, set: (lens: string) => void): HTMLElement {
  const menu = h(
    'select',
    { onchange: () => set(menu.value) },
    LENSES.map((one) => h('option', { value: one, selected: one === lens }, one)),
  );
  return menu;
}

const tool = (name: Parameters<typeof icon>[0], label: string, onclick: () => void): HTMLElement =>
  h('button.tool', { type: 'button', 'aria-label': label, title: label, onclick }, icon(name));

function showChosen(site: Site, aside: HTMLElement, position: number | null, items: readonly number[]): void {
  aside.hidden = position === null;
  if (position === null) return;
  const item = itemAt(site, position);
  const within = new Set(items);
  const count = (next: (at: number) => readonly number[]) => {
    const seen = new Set([position]);
    for (const at of seen) for (const other of next(at)) if (within.has(other)) seen.add(other);
    return seen.size - 1;
  };
  const affected = count((at) => site.children[at] ?? []);
  aside.replaceChildren(
    h('p.chosen-name', null, itemLink(site, position)),
    h('p', null, item.about || 'Not described.'),
    h(
      'p.soft',
      null,
      `${plural(
        count((at) => itemAt(site, at).parents),
        'node',
      )} before it · ${plural(affected, 'node')} would be affected by a change`,
    ),
    h(
      'p.actions',
      null,
      h('a', { href: addressOf(item.slug) }, 'Open page'),
      h('a', { href: lineageAddress({ select: `1+${selectorFor(site, position)}+1` }) }, 'Focus'),
      h('a', { href: lineageAddress({ select: `${selectorFor(site, position)}+` }) }, 'Blast radius'),
    ),
    h(
      'p.soft.hint',
      null,
      'Shift-click another node, or walk there with Shift and the arrow keys, to light the paths between them.',
    ),
  );
}

function save(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  h('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
