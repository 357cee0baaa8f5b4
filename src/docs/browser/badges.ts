/** Small labels: what a thing is, how it is. Colour never stands alone; a word is always with it. */
import type { IndexItem, ItemKind } from '../site-data.ts';
import { toneOf } from './charts.ts';
import { h } from './element.ts';
import { addressOf } from './route.ts';
import { itemAt, type Site } from './site.ts';

export const KIND_NAMES: Readonly<Record<ItemKind, readonly [one: string, many: string]>> = {
  model: ['model', 'Models'],
  source: ['source', 'Sources'],
  seed: ['seed', 'Seeds'],
  snapshot: ['snapshot', 'Snapshots'],
  semantic_model: ['semantic model', 'Semantic models'],
  metric: ['metric', 'Metrics'],
  saved_query: ['saved query', 'Saved queries'],
  exposure: ['exposure', 'Exposures'],
  analysis: ['analysis', 'Analyses'],
  test: ['test', 'Tests'],
  unit_test: ['unit test', 'Unit tests'],
  macro: ['macro', 'Macros'],
  function: ['function', 'Functions'],
  group: ['group', 'Groups'],
};

export const kindBadge = (kind: ItemKind): HTMLElement => h('span.kind', null, KIND_NAMES[kind][0]);

const STATE_WORDS: Readonly<Record<string, string>> = {
  success: 'built',
  pass: 'passed',
  fail: 'failed',
  warn: 'warning',
  proved: 'proved',
  vacuous: 'saw no rows',
  learning: 'learning',
  'no-op': 'nothing to do',
};

export const stateWord = (state: string): string => STATE_WORDS[state] ?? state;

export const stateBadge = (state: string | undefined): HTMLElement | null =>
  state === undefined ? null : h(`span.state.tone-${toneOf(state)}`, null, stateWord(state));

const FRESH_WORDS: Readonly<Record<string, string>> = {
  pass: 'fresh',
  warn: 'getting old',
  error: 'stale',
  'runtime error': 'not measurable',
};

export const freshWord = (status: string): string => FRESH_WORDS[status] ?? status;

export const freshBadge = (status: string): HTMLElement =>
  h(`span.state.tone-${toneOf(status)}`, null, freshWord(status));

/** A link to an item's page, with a stroke in the colour of its layer. */
export function itemLink(site: Site, position: number): HTMLElement {
  const item = itemAt(site, position);
  return h(
    'a.item',
    { href: addressOf(item.slug) },
    h('span.stroke', { style: `--layer:${layerColour(site, item)}`, 'aria-hidden': 'true' }),
    item.name,
  );
}

const COLOURS: Readonly<Record<string, string>> = {
  source: 'var(--layer-source)',
  seed: 'var(--layer-seed)',
  staging: 'var(--layer-staging)',
  intermediate: 'var(--layer-intermediate)',
  marts: 'var(--layer-marts)',
  snapshot: 'var(--layer-snapshot)',
  exposure: 'var(--layer-exposure)',
};

/** The layers people agree on have colours of their own; others take turns. */
export function layerColour(site: Site, item: Pick<IndexItem, 'layer' | 'colour'>): string {
  if (item.colour !== undefined) return item.colour;
  const own = COLOURS[item.layer];
  if (own) return own;
  const others = site.index.layers.filter((layer) => !COLOURS[layer]);
  return `var(--layer-${(Math.max(0, others.indexOf(item.layer)) % 8) + 1})`;
}
