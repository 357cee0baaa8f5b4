/**
 * Search as you type. There is no index to build or to wait for: what can be found of an item is one line of text, and 15,000 such lines are
 * looked through in a few milliseconds. The lines are made, and SQL and long descriptions read, in slices that no key has to wait for: what
 * is there already is looked through, and once more when there is more.
 */
import { nearestName } from '../../core/nearest.ts';
import { type IndexItem, ITEMS_PER_SHARD, type ItemDetail } from '../site-data.ts';
import type { Site } from './site.ts';

export interface Found {
  readonly item: number;
  /** What it was found by, when that is not its name: `column arr_delay`, `SQL`. */
  readonly because: string;
  /** A column that was meant. */
  readonly column: string | null;
}

export interface Search {
  readonly find: (text: string, limit?: number) => readonly Found[];
  /** Reads everything, so that SQL is found too; calls back now and then, and at the end. */
  readonly readAll: (onProgress: () => void) => Promise<void>;
  /** Whether everything was read. */
  readonly isComplete: () => boolean;
}

/** Looking again after every shard would cost more than reading them. */
const SHARDS_A_LOOK = 20;

/** Milliseconds of work after which a key that was pressed meanwhile is heard. */
const SLICE = 8;

export function siteSearch(site: Site): Search {
  const { items } = site.index;
  let known: Known = { entries: [], names: linesOf([]), all: linesOf([]) };
  const texts: string[] = [];
  const vocabulary = new Set<string>();
  let reading: Promise<void> | undefined;
  let isComplete = false;
  const read = async (onProgress: () => void) => {
    const entries: Entry[] = [];
    const lines: string[] = [];
    await inSlices(items, (item) => {
      const entry = entryOf(item);
      entries.push(entry);
      lines.push(`${entry.name}\n${entry.columns}${entry.tags}${entry.owner}\n${folded(item.about)}`);
    });
    known = { entries, names: linesOf(entries.map(({ name }) => name)), all: linesOf(lines) };
    onProgress();
    await inSlices(entries, ({ name, columns, tags }) => {
      for (const word of `${name}${columns}${tags}`.split(/[^\p{L}\p{N}]+/u)) vocabulary.add(word);
    });
    for (let shard = 0; shard * ITEMS_PER_SHARD < items.length; shard++) {
      const details = await site.shardOf(shard);
      details.forEach((detail, at) => {
        texts[shard * ITEMS_PER_SHARD + at] = textOf(detail);
      });
      if (shard % SHARDS_A_LOOK === 0) onProgress();
    }
    isComplete = true;
    onProgress();
  };
  return {
    find(text, limit = 12) {
      const wanted = folded(text.trim());
      const words = partsOf(wanted, /[\s,;]+/);
      if (words.length === 0) return [];
      const found = ranked(known, words, limit);
      if (!isShort(wanted)) {
        const seen = new Set(found.map(({ item }) => item));
        for (let item = 0; item < texts.length && found.length < limit; item++)
          if (!seen.has(item) && texts[item]?.includes(wanted))
            found.push({ item, because: 'SQL or description', column: null });
      }
      // `fct_flights.arrival_delay` is in no line; its parts are.
      for (const others of [partsOf(wanted, /[\s,;.]+/), meant(words, known, vocabulary)])
        if (found.length === 0) found.push(...ranked(known, others, limit));
      return found;
    },
    readAll: (onProgress) => (reading ??= read(onProgress)),
    isComplete: () => isComplete,
  };
}

async function inSlices<T>(all: readonly T[], work: (one: T) => void): Promise<void> {
  let end = performance.now() + SLICE;
  for (const one of all) {
    work(one);
    if (performance.now() < end) continue;
    await new Promise((resume) => setTimeout(resume));
    end = performance.now() + SLICE;
  }
}

interface Known {
  readonly entries: readonly Entry[];
  readonly names: Lines;
  /** Everything of an entry that can be found. */
  readonly all: Lines;
}

/** What can be found of each item, in one text: to look through it once takes a tenth of looking through each. */
interface Lines {
  readonly text: string;
  /** Where each item's part begins, and where the next would. */
  readonly starts: readonly number[];
}

function linesOf(lines: readonly string[]): Lines {
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  return { text: lines.join('\n'), starts };
}

/** The items whose part holds a word, which has no line end. */
function holding({ text, starts }: Lines, word: string): readonly number[] {
  const found: number[] = [];
  let item = 0;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, starts[item])) {
    while ((starts[item + 1] ?? Infinity) <= at) item++;
    found.push(item);
    item++;
  }
  return found;
}

const partsOf = (text: string, between: RegExp): readonly string[] => text.split(between).filter((part) => part !== '');

/** One or two letters begin half of all words; of other scripts they may be one. */
const isShort = (word: string): boolean => /^[\p{Script=Latin}\p{N}\p{P}]{1,2}$/u.test(word);

/** As it is compared: in small letters, without accents. */
function folded(text: string): string {
  const small = text.toLowerCase();
  return ASCII.test(small) ? small : small.normalize('NFKD').replace(/\p{M}+/gu, '');
}
const ASCII = /^[\x20-\x7e\s]*$/;

/** All folded. */
interface Entry {
  readonly name: string;
  /** Each between line ends. */
  readonly columns: string;
  readonly tags: string;
  readonly owner: string;
  readonly weight: number;
  readonly spelled: readonly string[] | undefined;
}

/** People look for data first, then for what proves it; tests repeat the names of what they test. */
const WEIGHT: Readonly<Record<string, number>> = {
  model: 1.5,
  source: 1.4,
  exposure: 1.4,
  seed: 1.3,
  snapshot: 1.3,
  macro: 0.8,
  test: 0.3,
  unit_test: 0.3,
};

const LABELLED = new Set(['exposure', 'metric', 'semantic_model', 'saved_query']);

function entryOf({ name, slug, columns, tags, owner, contacts = [], group, kind }: IndexItem): Entry {
  const listed = (some: readonly string[] | undefined) => (some === undefined ? '' : `\n${folded(some.join('\n'))}\n`);
  // What is called by its label may be looked for by its name.
  const plain = LABELLED.has(kind) && !slug.endsWith(`/${name}`) ? ` ${folded(slug.slice(kind.length + 1))}` : '';
  return {
    name: folded(name) + plain,
    columns: listed(columns),
    tags: listed(tags),
    owner: folded([owner, group, ...contacts].filter((one) => one !== undefined).join(' ')),
    weight: WEIGHT[kind] ?? 1,
    spelled: columns,
  };
}

/** Items that hold every word, the best first. */
function ranked({ entries, names, all }: Known, words: readonly string[], limit: number): Found[] {
  // So few letters are worth looking for in names only.
  const onlyNames = words.every(isShort);
  const [some = [], ...others] = words.map((word) => holding(onlyNames ? names : all, word));
  const sets = others.map((items) => new Set(items));
  const best: { readonly item: number; readonly score: number }[] = [];
  for (const item of some) {
    const entry = entries[item];
    if (!entry || !sets.every((set) => set.has(item))) continue;
    const sum = words.reduce(
      (total, word) => total + Math.max(inName(entry.name, word), onlyNames ? 0 : elsewhere(entry, word)),
      0,
    );
    const score = entry.weight * (sum + 5 / (5 + entry.name.length));
    // A letter is in nearly every name: only the best are put in order.
    if (sum === 0 || (best.length === limit && score <= (best.at(-1)?.score ?? 0))) continue;
    const place = best.findIndex((other) => other.score < score);
    best.splice(place === -1 ? best.length : place, 0, { item, score });
    if (best.length > limit) best.pop();
  }
  return best.flatMap(({ item }) => {
    const entry = entries[item];
    return entry ? [{ item, ...reason(entry, words) }] : [];
  });
}

function inName(name: string, word: string): number {
  const at = name.indexOf(word);
  if (at === -1) return 0;
  if (name.length === word.length) return 150;
  if (at === 0) return 60;
  return begins(name, word) ? 40 : 20;
}

function elsewhere({ columns, tags, owner }: Entry, word: string): number {
  if (columns.includes(`\n${word}\n`)) return 32;
  if (tags.includes(`\n${word}\n`)) return 30;
  if (columns.includes(word)) return begins(columns, word) ? 18 : 10;
  if (tags.includes(word)) return 14;
  return owner.includes(word) ? 12 : 5;
}

/** Whether a part of a name begins with it: `flights` in `stg_late_flights`. */
function begins(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1))
    if (BEFORE.includes(text.charAt(at - 1))) return true;
  return false;
}
const BEFORE = '_.\n -';

/** Told of the word that is not in the name. */
function reason(entry: Entry, words: readonly string[]): Pick<Found, 'because' | 'column'> {
  const word = words.find((one) => !entry.name.includes(one));
  if (word === undefined) return { because: '', column: null };
  if (entry.columns.includes(word)) {
    const column = meantColumn(entry.spelled ?? [], word, words);
    return { because: column === null ? 'a column' : `column ${column}`, column };
  }
  if (entry.tags.includes(word)) return { because: 'tag', column: null };
  return { because: entry.owner.includes(word) ? 'owner' : 'description', column: null };
}

/** Of the columns with a word in their names the one with most of the others, too, or else the one that is called so. */
function meantColumn(columns: readonly string[], word: string, words: readonly string[]): string | null {
  const [best] = columns
    .map((column) => ({ column, name: folded(column) }))
    .filter(({ name }) => name.includes(word))
    .map(({ column, name }) => ({
      column,
      worth: words.filter((other) => name.includes(other)).length + (name === word ? 0.5 : 0),
    }))
    .sort((a, b) => b.worth - a.worth);
  return best?.column ?? null;
}

/** Words that nothing holds, as they were probably meant. */
function meant(words: readonly string[], { all }: Known, vocabulary: ReadonlySet<string>): readonly string[] {
  return words.flatMap((word) => {
    if (word.length < 5 || all.text.includes(word)) return [word];
    const nearest = word
      .split('_')
      .map((part) => (vocabulary.has(part) ? part : nearestName(part, alike(part, vocabulary))));
    return nearest.every((part) => part !== undefined) ? nearest : [word];
  });
}

const alike = (word: string, vocabulary: ReadonlySet<string>): readonly string[] =>
  [...vocabulary].filter((known) => Math.abs(known.length - word.length) <= 2);

const textOf = ({ raw, relation, description, columns }: ItemDetail): string =>
  folded(
    [
      raw ?? '',
      relation?.replaceAll('"', '') ?? '',
      ...[description, ...columns.map((column) => column.description)].map((html) => plainOf(html ?? '')),
    ].join('\n'),
  );

/** Of safe HTML: tags and entities are nobody's words. */
const plainOf = (html: string): string =>
  html.replace(/<[^>]*>/g, ' ').replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};
