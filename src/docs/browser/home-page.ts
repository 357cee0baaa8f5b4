/** The first page: what this project is and how it is doing. */
import { type Complaint, DRAWN, type LastRun, type RunSummary } from '../site-data.ts';
import { freshWord, itemLink, KIND_NAMES, stateWord } from './badges.ts';
import { ring, toneOf } from './charts.ts';
import { h, withHtml } from './element.ts';
import { ago, duration, moment, old, plural, whole } from './format.ts';
import { graphView } from './graph-view.ts';
import { withNameLinks } from './name-links.ts';
import { lineageAddress } from './route.ts';
import { projectRuns, stateLine } from './runs-section.ts';
import { rolledBackText, sentence, serving } from './serving.ts';
import { itemAt, type Site } from './site.ts';

export function homePage(site: Site): HTMLElement {
  const { index } = site;
  return h(
    'article.home',
    null,
    h('header', null, h('h1', null, index.title), h('p.soft', null, counts(site))),
    h('div.tiles', null, runTile(site), heldTile(site), freshTile(site), scoreTile(site)),
    h(
      'div.home-columns',
      null,
      h('div', null, index.overview ? withNameLinks(site, withHtml('div.prose', index.overview)) : noOverview(site)),
      h('div', null, failures(site), held(site), rolledBack(site), warnings(site)),
    ),
    mapBlock(site),
    h(
      'div.home-columns',
      null,
      h(
        'div',
        null,
        index.runs.length > 1 && block('Runs', projectRuns(site)),
        index.lastRun && changes(site, index.lastRun),
      ),
      h('div', null, products(site), weakest(site)),
    ),
    h('p.note', null, `Made by dql on ${moment(index.generatedAt)}.`),
  );
}

function counts(site: Site): string {
  const kinds = new Map<string, number>();
  for (const { kind } of site.index.items) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return (['model', 'source', 'seed', 'snapshot', 'metric', 'exposure', 'test'] as const)
    .flatMap((kind) => {
      const count = kinds.get(kind);
      return count === undefined ? [] : [plural(count, KIND_NAMES[kind][0], KIND_NAMES[kind][1].toLowerCase())];
    })
    .join(' · ');
}

const tile = (title: string, tone: string, value: Node | string, more: Node | string): HTMLElement =>
  h(
    `div.tile.tone-${tone}`,
    null,
    h('p.tile-title', null, title),
    h('p.tile-value', null, value),
    h('p.tile-more', null, more),
  );

function runTile(site: Site): HTMLElement {
  const { lastRun } = site.index;
  const latest = site.index.runs.at(-1);
  // A rollback, or a run on another machine, leaves no results in the folder.
  if (latest && latest.id !== lastRun?.id && latest.at > (lastRun?.at ?? '')) return laterRunTile(latest);
  if (!lastRun) return tile('Last run', 'quiet', 'None yet', 'dql build makes the first');
  const words = Object.entries(lastRun.counts)
    .map(([status, count]) =>
      NOUNS[status] === undefined ? `${whole(count)} ${stateWord(status)}` : plural(count, NOUNS[status]),
    )
    .join(', ');
  const tone = lastRun.exitCode === 0 ? 'good' : lastRun.exitCode === 130 ? 'warn' : 'bad';
  const good = lastRun.warnings.length > 0 ? 'Good, with warnings' : 'All good';
  const verdict = lastRun.exitCode === 0 ? good : lastRun.exitCode === 130 ? 'Interrupted' : 'Failed';
  return tile(
    'Last run',
    tone,
    verdict,
    h(
      'span',
      { title: moment(lastRun.at) },
      `${lastRun.command} on ${lastRun.target}, ${ago(lastRun.at)}, ${duration(lastRun.seconds)}: ${words}`,
    ),
  );
}

const NOUNS: Readonly<Record<string, string>> = { warn: 'warning', error: 'error', 'runtime error': 'runtime error' };

const OUTCOMES = {
  success: ['good', 'All good'],
  error: ['bad', 'Failed'],
  interrupted: ['warn', 'Interrupted'],
} as const;

function laterRunTile({ at, command, status, seconds }: RunSummary): HTMLElement {
  const [tone, verdict] = OUTCOMES[status];
  const isReturn = command === 'rollback' && status === 'success';
  return tile(
    'Last run',
    isReturn ? 'warn' : tone,
    isReturn ? 'Rolled back' : verdict,
    h('span', { title: moment(at) }, `${command}, ${ago(at)}, ${duration(seconds)}`),
  );
}

function heldTile(site: Site): HTMLElement {
  const { held, rolledBack } = site.index;
  const oldest = [...held, ...rolledBack].flatMap(({ since }) => since ?? []).sort()[0];
  const unseen = held.filter(({ since }) => since === null).length;
  if (site.index.runs.length === 0 && site.index.lastRun === null)
    return tile('Held back', 'quiet', 'Nothing', 'nothing was built yet');
  if (held.length + rolledBack.length === 0)
    return tile('Held back', 'good', 'Nothing', 'readers see the newest build of everything');
  const [title, all] = held.length === 0 ? ['Rolled back', rolledBack] : ['Held back', held];
  return tile(
    title,
    'held',
    plural(all.length, 'node'),
    [
      held.length > 0 && rolledBack.length > 0 && `${whole(rolledBack.length)} more rolled back`,
      oldest !== undefined && `oldest data in use: ${old(oldest)}`,
      unseen > 0 && `${whole(unseen)} never published`,
    ]
      .filter(Boolean)
      .join('; ') || 'readers see the last good versions',
  );
}

function freshTile(site: Site): HTMLElement {
  const measured = site.index.items.flatMap(({ freshness, newest, name }) =>
    freshness === undefined ? [] : [{ freshness, newest, name }],
  );
  if (measured.length === 0)
    return tile(
      'Freshness',
      'quiet',
      'Not measured',
      site.index.expectsFreshness ? 'dql source freshness measures it' : 'no source states what it expects',
    );
  const fresh = measured.filter(({ freshness }) => freshness === 'pass').length;
  const [oldest] = measured
    .flatMap(({ newest, name }) => (newest === undefined ? [] : [{ newest, name }]))
    .sort((a, b) => Date.parse(a.newest) - Date.parse(b.newest));
  const worst = measured.some(({ freshness }) => freshness === 'error' || freshness === 'runtime error')
    ? 'bad'
    : fresh < measured.length
      ? 'warn'
      : 'good';
  return tile(
    'Freshness',
    worst,
    `${fresh} of ${measured.length} ${freshWord('pass')}`,
    oldest === undefined ? '' : `oldest: ${oldest.name}, ${old(oldest.newest)}`,
  );
}

function scoreTile(site: Site): HTMLElement {
  const { score, items } = site.index;
  if (score === null) return tile('Quality', 'quiet', 'No score', 'nothing to score');
  const weak = items.filter((item) => item.score !== undefined && item.score < 50).length;
  return tile(
    'Quality',
    score >= 80 ? 'good' : score >= 50 ? 'warn' : 'bad',
    ring(score, 46),
    weak === 0 ? 'no relation is below 50' : `${plural(weak, 'relation is', 'relations are')} below 50`,
  );
}

const block = (title: string, ...children: readonly (Node | null | false)[]): HTMLElement =>
  h('section.block', { 'aria-label': title }, h('h2', null, title), children);

const failures = (site: Site) => complaints(site, 'What failed', site.index.lastRun?.failures ?? []);

const warnings = (site: Site) => complaints(site, 'What warns', site.index.lastRun?.warnings ?? []);

function complaints(site: Site, title: string, all: readonly Complaint[]): HTMLElement | null {
  if (all.length === 0) return null;
  return block(
    title,
    h(
      'ul.rows',
      null,
      all.slice(0, 8).map(({ item, status, message }) => {
        const about = plainAbout(site, item) ?? plain(message.split('\n')[0] ?? '');
        return stateLine(site, item, status, about);
      }),
    ),
    all.length > 8 ? h('p.note', null, `and ${all.length - 8} more`) : null,
  );
}

/** What somebody wrote about a test says more than how many rows it found. */
const plainAbout = (site: Site, position: number): string | undefined => {
  const { kind, about } = itemAt(site, position);
  return kind === 'test' && about !== '' ? about : undefined;
};

function held(site: Site): HTMLElement | null {
  const all = site.index.held;
  if (all.length === 0) return null;
  const groups = grouped(
    all,
    ({ reason, since }) =>
      `${plain(sentence(reason))} ${since === null ? 'Readers see nothing: it was never published' : serving(since)}`,
  );
  return block('Held back', groupList(site, groups));
}

function rolledBack(site: Site): HTMLElement | null {
  const all = site.index.rolledBack;
  if (all.length === 0) return null;
  return block(
    'Rolled back',
    groupList(
      site,
      grouped(all, (one) => plain(sentence(rolledBackText(one)))),
    ),
  );
}

function changes(site: Site, { changes: changed, counts: all }: LastRun): HTMLElement | null {
  const reused = all.reused ?? 0;
  if (changed.length === 0 && reused === 0) return null;
  return block(
    'What changed',
    groupList(
      site,
      grouped(changed, ({ reason }) => plain(reason)),
    ),
    reused > 0 &&
      h(
        'p.note',
        null,
        changed.length === 0
          ? `Nothing: ${plural(reused, 'node was', 'nodes were')} reused.`
          : `${plural(reused, 'other was', 'others were')} reused unchanged.`,
      ),
  );
}

/** Items with the same to say of them, under what there is to say. */
function grouped<T extends { readonly item: number }>(
  all: readonly T[],
  say: (one: T) => string,
): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const one of all) {
    const text = say(one);
    const group = groups.get(text);
    if (group) group.push(one.item);
    else groups.set(text, [one.item]);
  }
  return groups;
}

const groupList = (site: Site, groups: ReadonlyMap<string, readonly number[]>): HTMLElement =>
  h(
    'ul.groups',
    null,
    [...groups].slice(0, 8).map(([text, items]) =>
      h(
        'li',
        null,
        h('p.soft', null, text),
        h(
          'p.links',
          null,
          items.slice(0, 10).map((item) => itemLink(site, item)),
          items.length > 10 && h('span.soft', null, `and ${items.length - 10} more`),
        ),
      ),
    ),
  );

const plain = (text: string): string => text.replaceAll('`', '');

function products(site: Site): HTMLElement | null {
  const exposures = site.index.items.flatMap((item, at) => (item.kind === 'exposure' ? [at] : []));
  if (exposures.length === 0) return null;
  return block(
    'Who uses it',
    h(
      'ul.rows',
      null,
      exposures
        .slice(0, 12)
        .map((at) => h('li', null, itemLink(site, at), ' ', h('span.soft', null, itemAt(site, at).owner ?? ''))),
    ),
  );
}

function weakest(site: Site): HTMLElement | null {
  const weak = site.index.items
    .flatMap((item, at) => (item.score !== undefined && item.score < 80 ? [{ at, score: item.score }] : []))
    .sort((a, b) => a.score - b.score)
    .slice(0, 5);
  if (weak.length === 0) return null;
  return block(
    'Could be better',
    h(
      'ul.rows',
      null,
      weak.map(({ at, score }) => h('li', null, itemLink(site, at), ' ', h('span.soft', null, `quality ${score}`))),
    ),
  );
}

const HIGHEST_MAP = 440;
/** A map of more nodes than these must not keep the rest of the page waiting. */
const DRAWN_AT_ONCE = 300;

function afterFirstFrame(draw: () => HTMLElement): HTMLElement {
  const place = h('div.graph', { style: `height:${HIGHEST_MAP}px` });
  requestAnimationFrame(() => setTimeout(() => place.replaceWith(draw())));
  return place;
}

function mapBlock(site: Site): HTMLElement | null {
  const items = site.index.items.flatMap(({ kind }, at) => (DRAWN.has(kind) ? [at] : []));
  if (items.length < 2) return null;
  const held = items.some((at) => ['bad', 'held'].includes(toneOf(itemAt(site, at).state)));
  const drawn = () => {
    const view = graphView(site, items, { lens: 'layer', wheelZooms: false, label: 'Lineage of the project' });
    view.element.style.height = `${Math.round(Math.min(HIGHEST_MAP, Math.max(200, view.scene.height * 0.8)))}px`;
    return view.element;
  };
  return block(
    'Lineage',
    items.length > DRAWN_AT_ONCE ? afterFirstFrame(drawn) : drawn(),
    h(
      'p.actions',
      null,
      h('a', { href: lineageAddress({}) }, 'Open the graph'),
      held && h('a', { href: lineageAddress({ colour: 'state' }) }, 'Coloured by state'),
    ),
  );
}

function noOverview(site: Site): HTMLElement {
  return h(
    'div.prose.soft',
    null,
    h(
      'p',
      null,
      `${site.index.title} has no introduction yet. Write one in a docs block called `,
      h('code', null, '__overview__'),
      ' and it will stand here.',
    ),
  );
}
