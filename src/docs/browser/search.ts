/**
 * Search as you type. There is no index to build or to wait for: what can be found of an item is one line of text, and 15,000 such lines are
 * looked through in a few milliseconds. SQL and long descriptions are looked through the same way as their shards arrive.
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
  /** Reads all shards, so that SQL is found too; calls back now and then, and at the end. */
  readonly readAll: (onProgress: () => void) => Promise<void>;
}

/** Looking again after every shard would cost more than reading them. */
const SHARDS_A_LOOK = 20;

export function siteSearch(site: Site): Search {
  const { items } = site.index;
  let known: readonly Entry[] | undefined;
  const entries = () => (known ??= items.map(entryOf));
  const texts: string[] = [];
  let reading: Promise<void> | undefined;
  const readShards = async (onProgress: () => void) => {
    for (let shard = 0; shard * ITEMS_PER_SHARD < items.length; shard++) {
      const details = await site.shardOf(shard);
      details.forEach((detail, at) => {
        texts[shard * ITEMS_PER_SHARD + at] = textOf(detail);
      });
      if (shard % SHARDS_A_LOOK === 0) onProgress();
    }
    onProgress();
  };
  return {
    find(text, limit = 12) {
      const wanted = text.trim().toLowerCase();
      const words = wanted.split(/[\s,;]+/).filter((word) => word !== '');
      if (words.length === 0) return [];
      const found = ranked(entries(), words, limit);
      if (wanted.length >= 3) {
        const seen = new Set(found.map(({ item }) => item));
        for (let item = 0; item < texts.length && found.length < limit; item++)
          if (!seen.has(item) && texts[item]?.includes(wanted))
            found.push({ item, because: 'SQL or description', column: null });
      }
      return found.length > 0 ? found : ranked(entries(), meant(words, entries()), limit);
    },
    readAll(onProgress) {
      // While the hand goes from the mouse to the keys.
      entries();
      reading ??= readShards(onProgress);
      return reading;
    },
  };
}

interface Entry {
  /** Everything below, between line ends, in small letters. */
  readonly all: string;
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

function entryOf({ name, columns, tags, about, owner, group, kind }: IndexItem): Entry {
  const entry = {
    name: name.toLowerCase(),
    columns: columns === undefined ? '' : `\n${columns.join('\n').toLowerCase()}\n`,
    tags: tags === undefined ? '' : `\n${tags.join('\n').toLowerCase()}\n`,
    owner: `${owner ?? ''} ${group ?? ''}`.toLowerCase(),
  };
  return {
    ...entry,
    all: `\n${entry.name}\n${entry.columns}${entry.tags}${entry.owner}\n${about.toLowerCase()}`,
    weight: WEIGHT[kind] ?? 1,
    spelled: columns,
  };
}

/** Items that hold every word, the best first. */
function ranked(entries: readonly Entry[], words: readonly string[], limit: number): Found[] {
  // One or two letters begin half of all words; then only names are worth looking at.
  const onlyNames = words.every((word) => word.length < 3);
  const scored: { readonly item: number; readonly score: number }[] = [];
  for (const [item, entry] of entries.entries()) {
    const where = onlyNames ? entry.name : entry.all;
    if (!words.every((word) => where.includes(word))) continue;
    const score = words.reduce(
      (sum, word) => sum + Math.max(inName(entry.name, word), onlyNames ? 0 : elsewhere(entry, word)),
      0,
    );
    if (score > 0) scored.push({ item, score: entry.weight * (score + 5 / (5 + entry.name.length)) });
  }
  return scored
    .sort((a, b) => b.score - a.score || a.item - b.item)
    .slice(0, limit)
    .flatMap(({ item }) => {
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
const begins = (text: string, word: string): boolean => BEFORE.some((sign) => text.includes(sign + word));
const BEFORE = ['_', '.', '\n', ' ', '-'];

/** Told of the word that is not in the name. */
function reason(entry: Entry, words: readonly string[]): Pick<Found, 'because' | 'column'> {
  const word = words.find((one) => !entry.name.includes(one));
  if (word === undefined) return { because: '', column: null };
  if (entry.columns.includes(word)) {
    const column =
      entry.spelled?.find((name) => name.toLowerCase() === word) ??
      entry.spelled?.find((name) => name.toLowerCase().includes(word)) ??
      null;
    return { because: column === null ? 'a column' : `column ${column}`, column };
  }
  if (entry.tags.includes(word)) return { because: 'tag', column: null };
  return { because: entry.owner.includes(word) ? 'owner' : 'description', column: null };
}

/** Words that nothing holds, as they were probably meant. */
function meant(words: readonly string[], entries: readonly Entry[]): readonly string[] {
  const vocabulary = new Set(
    entries.flatMap(({ name, columns, tags }) => `${name}${columns}${tags}`.split(/[^\p{L}\p{N}]+/u)),
  );
  return words.flatMap((word) => {
    if (word.length < 5 || entries.some(({ all }) => all.includes(word))) return [word];
    const nearest = word
      .split('_')
      .map((part) => (vocabulary.has(part) ? part : nearestName(part, alike(part, vocabulary))));
    return nearest.every((part) => part !== undefined) ? nearest : [word];
  });
}

const alike = (word: string, vocabulary: ReadonlySet<string>): readonly string[] =>
  [...vocabulary].filter((known) => Math.abs(known.length - word.length) <= 2);

const textOf = (detail: ItemDetail): string =>
  [detail.raw ?? '', detail.description ?? '', ...detail.columns.map((column) => column.description ?? '')]
    .join('\n')
    .toLowerCase();
