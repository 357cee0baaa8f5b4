/** The data the page was given: the index at once, the rest when somebody asks. */
import {
  type ColumnLineageData,
  type GuideData,
  type IndexItem,
  ITEMS_PER_SHARD,
  type ItemDetail,
  type SiteIndex,
  usualFqn,
  usualSlug,
  type WrittenIndex,
} from '../site-data.ts';

export interface Site {
  readonly index: SiteIndex;
  /** The children of each item, by position. */
  readonly children: readonly (readonly number[])[];
  readonly bySlug: ReadonlyMap<string, number>;
  readonly detailOf: (item: number) => Promise<ItemDetail>;
  readonly shardOf: (shard: number) => Promise<readonly ItemDetail[]>;
  readonly columnLineage: () => Promise<ColumnLineageData>;
  readonly guide: () => Promise<GuideData>;
}

export async function openSite(): Promise<Site> {
  const written = await read<WrittenIndex>('index');
  const items = written.items.map((item): IndexItem => {
    const packageName = item.packageName ?? written.project;
    return {
      ...item,
      packageName,
      slug: item.slug ?? usualSlug(item),
      about: item.about ?? '',
      fqn: item.fqn ?? usualFqn(item, packageName),
      parents: item.parents ?? [],
    };
  });
  const index: SiteIndex = { ...written, items };
  const children: number[][] = index.items.map(() => []);
  index.items.forEach((item, position) => {
    for (const parent of item.parents) children[parent]?.push(position);
  });
  const shardOf = (shard: number) => read<readonly ItemDetail[]>(`items-${shard}`);
  return {
    index,
    children,
    bySlug: new Map(index.items.map((item, position) => [item.slug, position])),
    shardOf,
    detailOf: async (item) => {
      const detail = (await shardOf(Math.floor(item / ITEMS_PER_SHARD)))[item % ITEMS_PER_SHARD];
      if (!detail) throw new Error(`the site has no item ${item}`);
      return detail;
    },
    columnLineage: () => read<ColumnLineageData>('columns'),
    guide: () => read<GuideData>('guide'),
  };
}

/** An item that must be there: positions come from the index itself. */
export function itemAt(site: Site, position: number): IndexItem {
  const item = site.index.items[position];
  if (!item) throw new Error(`the site has no item ${position}`);
  return item;
}

const arrived = new Map<string, string>();
const waiting = new Map<string, (base64: string) => void>();
const decoded = new Map<string, Promise<unknown>>();

// Called by data/*.js, which lie beside the page.
Object.assign(globalThis, {
  dqlData: (name: string, base64: string) => {
    arrived.set(name, base64);
    waiting.get(name)?.(base64);
  },
});

function read<T>(name: string): Promise<T> {
  const known = decoded.get(name) ?? blob(name).then(unpacked);
  decoded.set(name, known);
  // The generator wrote it with the same types.
  return known as Promise<T>;
}

function blob(name: string): Promise<string> {
  const inline = document.getElementById(`data-${name}`);
  if (inline) return Promise.resolve(inline.textContent ?? '');
  const here = arrived.get(name);
  if (here !== undefined) return Promise.resolve(here);
  return new Promise((resolve, reject) => {
    waiting.set(name, resolve);
    // The index is asked for by the page itself.
    if (name === 'index') return;
    const script = document.createElement('script');
    script.src = `data/${name}.js`;
    script.onerror = () => reject(new Error(`data/${name}.js is missing beside this page`));
    document.head.append(script);
  });
}

async function unpacked(base64: string): Promise<unknown> {
  const binary = atob(base64);
  const packed = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) packed[at] = binary.charCodeAt(at);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}
