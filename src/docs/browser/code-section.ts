/** The template as written and the SQL it became. */
import type { ItemDetail, ItemKind } from '../site-data.ts';
import { copyButton } from './copy-button.ts';
import { h, withHtml } from './element.ts';
import { highlighted, type LinkFor } from './highlight.ts';
import { addressOf } from './route.ts';
import type { Section } from './section.ts';
import { itemAt, type Site } from './site.ts';
import { unitTestTables } from './unit-test-section.ts';

export function codeSection(site: Site, position: number, detail: ItemDetail): Section | undefined {
  const pages = [
    ['As written', detail.raw],
    ['Compiled', detail.compiled],
  ].filter((page): page is [string, string] => typeof page[1] === 'string');
  const [first] = pages;
  if (!first) return undefined;
  const { kind } = itemAt(site, position);
  const tables = kind === 'unit_test' ? unitTestTables(first[1]) : undefined;
  if (tables) return { name: 'sql', title: 'Given and expected', body: tables };
  const linkFor = linksOf(site, detail);
  const holder = h('div.code-holder');
  const show = (text: string) =>
    holder.replaceChildren(
      codeBlock(text, linkFor),
      copyButton(() => text),
    );
  const tabs = pages.map(([title, text], at) =>
    h(
      'button',
      {
        type: 'button',
        'aria-pressed': String(at === 0),
        onclick: () => {
          for (const tab of tabs) tab.setAttribute('aria-pressed', String(tab === tabs[at]));
          show(text);
        },
      },
      title,
    ),
  );
  show(first[1]);
  return {
    name: 'sql',
    title: TITLES[kind] ?? 'SQL',
    body: [pages.length > 1 ? h('div.switch', { role: 'group', 'aria-label': 'Which SQL' }, tabs) : '', holder],
  };
}

const TITLES: Partial<Record<ItemKind, string>> = {
  macro: 'Macro',
  unit_test: 'Given and expected',
  metric: 'Definition',
  semantic_model: 'Definition',
  saved_query: 'Definition',
  function: 'Definition',
};

/** SQL with line numbers; long lines scroll. */
export const codeBlock = (text: string, linkFor?: LinkFor): HTMLElement => {
  const trimmed = text.replace(/\s+$/, '');
  const block = h('pre.code', { tabindex: '0', role: 'group', 'aria-label': 'Code' });
  const lines = trimmed.split('\n').length;
  block.append(
    h(
      'span.lines',
      { 'aria-hidden': 'true' },
      Array.from({ length: lines }, (_, at) => `${at + 1}\n`),
    ),
    withHtml('code', highlighted(trimmed, linkFor)),
  );
  return block;
};

const linksOf =
  (site: Site, detail: ItemDetail): LinkFor =>
  (name) => {
    const [kind, ...rest] = name.split(':');
    const target = detail.links[kind === 'macro' ? `${rest.join(':')}(` : rest.join(':')];
    return target === undefined ? undefined : addressOf(itemAt(site, target).slug);
  };
