/**
 * Search as you type. Names, columns, tags, owners and first sentences are in an inverted index (built in slices while the page rests, or
 * at once at the first key); SQL and long descriptions are looked through as text, shard by shard as they arrive.
 */
// The one file that knows the search library.
import MiniSearch from 'minisearch';
import { type IndexItem, ITEMS_PER_SHARD, type ItemDetail } from '../site-data.ts';
import { itemAt, type Site } from './site.ts';

export interface Found {
  readonly item: number;
  /** What it was found by, when that is not its name: `column arr_delay`, `SQL`. */
  readonly because: string;
  /** A column that was meant. */
  readonly column: string | null;
}

export interface Search {
  readonly find: (text: string, limit?: number) => readonly Found[];
  /** Reads all shards, so that SQL is found too; calls back after each. */
  readonly readAll: (onProgress: () => void) => Promise<void>;
}

const FIELDS = ['name', 'columns', 'tags', 'about', 'owner'];

export function siteSearch(site: Site): Search {
  const words = new MiniSearch<Entry>({
    fields: FIELDS,
    storeFields: [],
    tokenize: (text) => splitWords(text),
    processTerm: (term) => term.toLowerCase(),
    searchOptions: {
      boost: { name: 6, columns: 2, tags: 2 },
      prefix: true,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      combineWith: 'AND',
      // People look for data first, then for what proves it.
      boostDocument: (id) => WEIGHT[itemAt(site, id).kind] ?? 1,
    },
  });
  let added = 0;
  const names = site.index.items.map((item) => (isTest(item) ? item.name.toLowerCase() : ''));
  const { items } = site.index;
  const addSlice = (size: number) => {
    const end = Math.min(items.length, added + size);
    const slice: Entry[] = [];
    for (; added < end; added++) {
      const item = itemAt(site, added);
      if (!isTest(item)) slice.push(entryOf(item, added));
    }
    words.addAll(slice);
  };
  const rest = () => {
    if (added >= items.length) return;
    addSlice(250);
    setTimeout(rest, 4);
  };
  setTimeout(rest, 300);

  const texts: string[] = [];
  let reading: Promise<void> | undefined;
  const readShards = async (onProgress: () => void) => {
    for (let shard = 0; shard * ITEMS_PER_SHARD < items.length; shard++) {
      const details = await site.shardOf(shard);
      details.forEach((detail, at) => {
        texts[shard * ITEMS_PER_SHARD + at] = textOf(detail);
      });
      onProgress();
    }
  };
  return {
    find(text, limit = 12) {
      addSlice(items.length);
      const wanted = text.trim().toLowerCase();
      if (wanted === '') return [];
      const found = new Map<number, Found>();
      // One or two letters begin half of all words; then only names are worth looking at.
      const options = wanted.length < 3 ? { fields: ['name'], fuzzy: false } : {};
      for (const result of words.search(wanted, options).slice(0, limit * 3)) {
        const item = Number(result.id);
        const fields = new Set(Object.values(result.match).flat());
        found.set(item, { item, ...reason(itemAt(site, item), wanted, fields) });
      }
      const sorted = [...found.values()].sort(
        (a, b) => exactness(itemAt(site, b.item), wanted) - exactness(itemAt(site, a.item), wanted),
      );
      if (wanted.length >= 3) {
        const add = (item: number, because: string) => {
          const hit = { item, because, column: null };
          found.set(item, hit);
          sorted.push(hit);
        };
        // Tests repeat the names of what they test, so they come after it.
        for (let item = 0; item < names.length && found.size < limit * 2; item++)
          if (!found.has(item) && names[item]?.includes(wanted)) add(item, '');
        for (let item = 0; item < texts.length && found.size < limit * 3; item++)
          if (!found.has(item) && texts[item]?.includes(wanted)) add(item, 'SQL or description');
      }
      return sorted.slice(0, limit);
    },
    readAll(onProgress) {
      reading ??= readShards(onProgress);
      return reading;
    },
  };
}

interface Entry {
  readonly id: number;
  readonly name: string;
  readonly columns: string;
  readonly tags: string;
  readonly about: string;
  readonly owner: string;
}

const WEIGHT: Readonly<Record<string, number>> = {
  model: 1.5,
  source: 1.4,
  exposure: 1.4,
  seed: 1.3,
  snapshot: 1.3,
  macro: 0.8,
};

const entryOf = (item: IndexItem, id: number): Entry => ({
  id,
  name: item.name,
  columns: item.columns?.join(' ') ?? '',
  tags: item.tags?.join(' ') ?? '',
  about: item.about,
  owner: `${item.owner ?? ''} ${item.group ?? ''}`,
});

/** `stg_late_flights` is found by itself and by each of its words. */
function splitWords(text: string): string[] {
  const whole = text.split(/[\s,;:()[\]{}"'`<>/\\]+/).filter((word) => word !== '');
  return whole.flatMap((word) => {
    const parts = word.split(/[._-]+/).filter((part) => part !== '');
    return parts.length > 1 ? [word, ...parts] : parts;
  });
}

function reason(item: IndexItem, wanted: string, fields: ReadonlySet<string>): Pick<Found, 'because' | 'column'> {
  if (fields.has('name')) return { because: '', column: null };
  if (fields.has('columns')) {
    const column = item.columns?.find((name) => name.toLowerCase().includes(wanted)) ?? null;
    return { because: column === null ? 'a column' : `column ${column}`, column };
  }
  if (fields.has('tags')) return { because: 'tag', column: null };
  if (fields.has('owner')) return { because: 'owner', column: null };
  return { because: 'description', column: null };
}

const isTest = ({ kind }: IndexItem): boolean => kind === 'test' || kind === 'unit_test';

const exactness = (item: IndexItem, wanted: string): number => {
  const name = item.name.toLowerCase();
  return name === wanted ? 4 : name.startsWith(wanted) ? 2 : 0;
};

const textOf = (detail: ItemDetail): string =>
  [detail.raw ?? '', detail.description ?? '', ...detail.columns.map((column) => column.description ?? '')]
    .join('\n')
    .toLowerCase();
