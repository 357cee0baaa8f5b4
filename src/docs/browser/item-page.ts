/** The page of one item: a model, a source, a test … */
import type { IndexItem, ItemDetail } from '../site-data.ts';
import { freshBadge, itemLink, KIND_NAMES, stateBadge } from './badges.ts';
import { ring } from './charts.ts';
import { codeSection } from './code-section.ts';
import { columnsSection } from './columns-section.ts';
import { h } from './element.ts';
import { descriptionText } from './folded-text.ts';
import { ago, bytes, duration, moment, short, whole } from './format.ts';
import { lineageSection } from './lineage-section.ts';
import { withNameLinks } from './name-links.ts';
import { querySection } from './query-section.ts';
import { plainRelation } from './relation-name.ts';
import { addressOf, type Route } from './route.ts';
import { runsSection, versionsSection } from './runs-section.ts';
import type { Section } from './section.ts';
import { rolledBackText, sentence, serving } from './serving.ts';
import { itemAt, type Site } from './site.ts';
import { lastResult, testsSection } from './tests-section.ts';

export async function itemPage(site: Site, position: number, route: Route): Promise<HTMLElement> {
  const item = itemAt(site, position);
  const detail = await site.detailOf(position);
  const sections = (
    await Promise.all([
      lastResult(site, position, detail),
      columnsSection(site, position, detail, route),
      argumentsSection(site, detail),
      lineageSection(site, position),
      testsSection(site, position, detail),
      codeSection(site, position, detail),
      runsSection(site, position, detail),
      versionsSection(detail),
      querySection(site, position, detail),
      scoreSection(item, detail),
      usesSection(site, item, detail),
    ])
  ).filter((section) => section !== undefined);
  return h(
    'article.item-page',
    null,
    header(site, item, detail),
    sections.length > 1 &&
      h(
        'nav.sections',
        { 'aria-label': 'On this page' },
        sections.map(({ name, title, count }) =>
          h(
            'a',
            { href: addressOf(item.slug, name) },
            title,
            count !== undefined && h('span.count', null, String(count)),
          ),
        ),
      ),
    sections.map(({ name, title, body }) =>
      h(
        'section',
        { id: `section-${name}`, 'aria-label': title },
        h('h2', null, h('a', { href: addressOf(item.slug, name) }, title)),
        ...body,
      ),
    ),
  );
}

function header(site: Site, item: IndexItem, detail: ItemDetail): HTMLElement {
  const folders = item.path.split('/').slice(0, -1);
  const held = site.index.held.find((one) => itemAt(site, one.item) === item);
  const returned = site.index.rolledBack.find((one) => itemAt(site, one.item) === item);
  return h(
    'header.item-header',
    null,
    h(
      'p.crumbs',
      null,
      h('a', { href: `#/all?kind=${item.kind}` }, KIND_NAMES[item.kind][1]),
      folders.slice(1).map((folder) => h('span', null, folder)),
    ),
    h(
      'div.title-row',
      null,
      h('h1', null, item.name),
      h(
        'span.badges',
        null,
        stateBadge(item.state),
        item.freshness && freshBadge(item.freshness),
        ...(item.tags ?? []).map((tag) => h('a.tag', { href: `#/all?tag=${encodeURIComponent(tag)}` }, tag)),
      ),
    ),
    held &&
      h(
        'div.held-note',
        { role: 'note' },
        h('strong', null, 'Held back. '),
        `${sentence(held.reason)} ${held.since === null ? 'Readers see nothing: it was never published' : serving(held.since)}. `,
        held.because.map((cause) => itemLink(site, cause)),
      ),
    returned &&
      h('div.held-note', { role: 'note' }, h('strong', null, 'Rolled back. '), sentence(rolledBackText(returned))),
    detail.description === null
      ? h('p.lead.soft', null, 'Nobody has described this yet.')
      : withNameLinks(site, descriptionText(detail.description, 'lead')),
    factList(site, item, detail),
  );
}

function factList(site: Site, item: IndexItem, detail: ItemDetail): HTMLElement {
  // The last run may have reused it.
  const isBuilt = item.kind !== 'test' && item.kind !== 'unit_test';
  const builtAt =
    detail.versions.find(({ current }) => current)?.at ??
    (isBuilt && detail.last !== null && BUILT.has(detail.last.status) ? (detail.last.at ?? undefined) : undefined);
  const facts: (readonly [string, Node | string | null | undefined | false])[] = [
    [
      'Quality',
      item.score !== undefined && h('a.score-link', { href: addressOf(item.slug, 'quality') }, ring(item.score)),
    ],
    ['Rows', item.rows !== undefined && h('span', { title: whole(item.rows) }, short(item.rows))],
    ['Size', item.bytes !== undefined && bytes(item.bytes)],
    ['Newest row', detail.freshness?.at && h('span', { title: moment(detail.freshness.at) }, ago(detail.freshness.at))],
    ['Expected', detail.freshness?.expectation],
    [
      'Measured',
      detail.freshness !== null &&
        detail.freshness.measured !== '' &&
        h('span', { title: moment(detail.freshness.measured) }, ago(detail.freshness.measured)),
    ],
    ['SLA', detail.promises.length > 0 && promises(site, detail)],
    ['Built', builtAt !== undefined && h('span', { title: moment(builtAt) }, ago(builtAt))],
    ['Took', item.kind !== 'test' && item.seconds !== undefined && duration(item.seconds)],
    ['Because', item.state !== 'held' && item.state !== 'rolled back' && detail.last?.reason],
    ['Built as', item.materialized],
    [
      'Owner',
      detail.owner.length > 0 &&
        h(
          'span',
          null,
          detail.owner.map(([label, value], at) => [at > 0 && ' · ', contact(label, value)]),
        ),
    ],
    ['Group', item.group !== undefined && groupLink(site, item)],
    ['Access', item.access !== 'protected' && item.access],
    ...detail.facts.map(
      ([label, value]) =>
        [
          label,
          /^https?:\/\//.test(value)
            ? h('a', { href: value, rel: 'noopener noreferrer', target: '_blank' }, value)
            : value,
        ] as const,
    ),
    ['Relation', detail.relation !== null && h('code', null, plainRelation(detail.relation))],
    ['File', h('code', null, item.path)],
  ];
  return h(
    'dl.facts',
    null,
    facts.map(
      ([label, value]) =>
        value !== undefined &&
        value !== null &&
        value !== false &&
        value !== '' &&
        h('div', null, h('dt', null, label), h('dd', null, value)),
    ),
  );
}

function groupLink(site: Site, { group = '', packageName }: IndexItem): HTMLElement | string {
  const found = site.index.items.find(
    ({ kind, name, packageName: from }) => kind === 'group' && name === group && from === packageName,
  );
  return found ? h('a', { href: addressOf(found.slug) }, group) : group;
}

const BUILT = new Set(['success', 'partial success', 'reused', 'held']);

const promises = (site: Site, { promises: all }: ItemDetail): HTMLElement =>
  h(
    'span',
    null,
    all.map(({ text, test, kept }, at) => [
      at > 0 && ' · ',
      test === null
        ? [text, ' ', kept && keptBadge(kept)]
        : [h('a', { href: addressOf(itemAt(site, test).slug) }, text), ' ', stateBadge(itemAt(site, test).state)],
    ]),
  );

const keptBadge = ({ kept, because }: NonNullable<ItemDetail['promises'][number]['kept']>): HTMLElement[] => [
  h(
    `span.state.tone-${kept === null ? 'quiet' : kept ? 'good' : 'bad'}`,
    null,
    kept === null ? 'not known' : kept ? 'met' : 'missed',
  ),
  h('span.reason', null, because),
];

const contact = (label: string, value: string): Node | string =>
  label === 'email' || /^[^@\s]+@[^@\s]+$/.test(value)
    ? h('a', { href: `mailto:${value}` }, value)
    : label === 'name'
      ? value
      : `${label} ${value}`;

function scoreSection(item: IndexItem, detail: ItemDetail): Section | undefined {
  if (detail.score.length === 0) return undefined;
  const weight = detail.score.reduce((total, part) => total + part.weight, 0);
  return {
    name: 'quality',
    title: 'Quality score',
    body: [
      h(
        'div.score',
        null,
        ring(item.score ?? 0, 84),
        h(
          'table.score-table',
          null,
          h(
            'thead',
            null,
            h(
              'tr',
              null,
              h('th', { scope: 'col' }, 'Part'),
              h('th.number', { scope: 'col' }, 'Weight'),
              h('th.number', { scope: 'col' }, 'Value'),
              h('th', { scope: 'col' }, 'Because'),
            ),
          ),
          h(
            'tbody',
            null,
            detail.score.map((part) =>
              h(
                'tr',
                null,
                h('th', { scope: 'row' }, part.name),
                h('td.number', null, String(part.weight)),
                h('td.number', null, part.value.toFixed(2)),
                h('td.soft', null, part.because),
              ),
            ),
          ),
        ),
      ),
      h(
        'p.soft',
        null,
        `Score = ${detail.score.map((part) => `${part.weight} × ${part.value.toFixed(2)}`).join(' + ')}, divided by ${weight}, in percent: ${item.score ?? 0}. A test that passes counts 1, a warning ½; what does not apply is left out.`,
      ),
    ],
  };
}

function argumentsSection(site: Site, { arguments: all = [] }: ItemDetail): Section | undefined {
  if (all.length === 0) return undefined;
  return {
    name: 'arguments',
    title: 'Arguments',
    count: all.length,
    body: [
      h(
        'table',
        null,
        h(
          'thead',
          null,
          h('tr', null, h('th', { scope: 'col' }, 'Argument'), h('th', { scope: 'col' }, 'Description')),
        ),
        h(
          'tbody',
          null,
          all.map(({ name, type, description }) =>
            h(
              'tr',
              null,
              h('th', { scope: 'row' }, h('code', null, name), type !== null && h('span.type', null, type)),
              h(
                'td',
                null,
                description === null
                  ? h('span.faint', null, '—')
                  : withNameLinks(site, descriptionText(description, 'cell')),
              ),
            ),
          ),
        ),
      ),
    ],
  };
}

function usesSection(site: Site, item: IndexItem, detail: ItemDetail): Section | undefined {
  if (detail.usedBy.length === 0) return undefined;
  return {
    name: 'uses',
    title: item.kind === 'group' ? 'Members' : 'Used by',
    count: detail.usedBy.length,
    body: [
      h(
        'ul.links',
        null,
        detail.usedBy.map((user) => h('li', null, itemLink(site, user))),
      ),
    ],
  };
}
