/**
 * What the generator writes and the page reads. The index is small and decoded at once: it draws the home page, the menus, the search
 * and the map. Details (SQL, descriptions, statistics) lie in shards of 100 items, decoded when a page needs them.
 * Items are named by their position in `SiteIndex.items`.
 */
import type { Json } from '../core/node-id.ts';
import type { RowSample } from '../run/results.ts';

export const ITEMS_PER_SHARD = 100;

export type ItemKind =
  | 'model'
  | 'source'
  | 'seed'
  | 'snapshot'
  | 'semantic_model'
  | 'metric'
  | 'saved_query'
  | 'exposure'
  | 'analysis'
  | 'test'
  | 'unit_test'
  | 'macro'
  | 'function'
  | 'group';

/** What has a place in the lineage graph, in the order of its flow. */
export const DRAWN: ReadonlySet<ItemKind> = new Set([
  'source',
  'seed',
  'model',
  'snapshot',
  'semantic_model',
  'metric',
  'saved_query',
  'exposure',
]);

/** HTML that is safe to set: made by `safeHtml` alone. */
export type Html = string;

export interface IndexItem {
  readonly kind: ItemKind;
  /** As people call it: `stg_flights`, `raw.flights`, `orders.v2`, or an exposure's label. */
  readonly name: string;
  /** Its address on the site: `model/stg_flights`. */
  readonly slug: string;
  /** The first sentences of its description, as plain text. */
  readonly about: string;
  readonly parents: readonly number[];
  readonly path: string;
  /** The property file that describes it, where that is another. */
  readonly describedIn?: string;
  readonly packageName: string;
  readonly fqn: readonly string[];
  readonly layer: string;
  /** The project's own choice in place of the layer's. */
  readonly colour?: string;
  readonly columns?: readonly string[];
  readonly tags?: readonly string[];
  readonly owner?: string;
  readonly group?: string;
  readonly access?: string;
  readonly materialized?: string;
  /** What of its config is not as `USUAL_CONFIG` says, for `config.severity:warn`. */
  readonly config?: Readonly<Record<string, Json>>;
  /** The last word on it: a build's status, `held`, `rolled back`, or a test's verdict. */
  readonly state?: string;
  readonly freshness?: 'pass' | 'warn' | 'error' | 'runtime error';
  /** When its newest row arrived. */
  readonly newest?: string;
  readonly seconds?: number;
  readonly rows?: number;
  readonly bytes?: number;
  /** 0 to 100. */
  readonly score?: number;
  /** Further names and addresses of whoever answers for it. */
  readonly contacts?: readonly string[];
  /** Versioned models: this and the latest version. */
  readonly version?: readonly [own: string | number, latest: string | number | null];
  /** Tests made from a generic test: its name. */
  readonly check?: string;
  /** Tests: what they look at. */
  readonly tested?: { readonly item: number; readonly column: string | null };
  /** Items in the graph, when there are too many to arrange while somebody waits: left and top on the map. */
  readonly place?: readonly [number, number];
}

/** An item as it is written: what the page can tell by itself is left out. */
export type WrittenItem = Omit<IndexItem, 'slug' | 'about' | 'packageName' | 'fqn' | 'parents'> &
  Partial<Pick<IndexItem, 'slug' | 'about' | 'packageName' | 'fqn' | 'parents'>>;

const BUILT: Readonly<Record<string, Json>> = {
  on_schema_change: 'ignore',
  on_configuration_change: 'apply',
  lookback: 1,
  docs: { show: true, node_color: null },
  contract: { enforced: false, alias_types: true },
};

/** What nobody chose is not written: of 15,000 items it would be a fifth of the index. A null in its place says that it is not so. */
export const USUAL_CONFIG: Readonly<Partial<Record<ItemKind, Readonly<Record<string, Json>>>>> = {
  model: BUILT,
  seed: BUILT,
  snapshot: BUILT,
  analysis: BUILT,
  test: {
    severity: 'ERROR',
    fail_calc: 'count(*)',
    warn_if: '!= 0',
    error_if: '!= 0',
    schema: 'dbt_test__audit',
    materialized: 'test',
  },
};

/** The slug, package and path of names that an item has unless it says otherwise. */
export const usualSlug = ({ kind, name }: Pick<IndexItem, 'kind' | 'name'>): string => `${kind}/${name}`;

export const usualFqn = ({ path, name }: Pick<IndexItem, 'path' | 'name'>, packageName: string): readonly string[] => [
  packageName,
  ...path.split('/').slice(1, -1),
  name,
];

export interface RunSummary {
  readonly id: string;
  readonly at: string;
  readonly seconds: number;
  readonly status: 'success' | 'error' | 'interrupted';
  readonly command: string;
  readonly git: string | null;
  readonly tests: { readonly passed: number; readonly failed: number };
}

export interface HeldItem {
  readonly item: number;
  readonly reason: string;
  readonly because: readonly number[];
  /** Of what readers see instead; null when they see nothing. */
  readonly since: string | null;
}

export interface RolledBackItem {
  readonly item: number;
  readonly reason: string;
  /** The rollback, and when it took place. */
  readonly run: string;
  readonly at: string | null;
  readonly since: string | null;
}

export interface LastRun {
  readonly id: string;
  readonly at: string;
  readonly command: string;
  readonly target: string;
  readonly seconds: number;
  readonly exitCode: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Nodes that were built in it, with the reason. */
  readonly changes: readonly { readonly item: number; readonly status: string; readonly reason: string }[];
  /** Nodes and tests that failed in it. */
  readonly failures: readonly Complaint[];
  /** Tests that warned. */
  readonly warnings: readonly Complaint[];
}

export interface Complaint {
  readonly item: number;
  readonly status: string;
  readonly message: string;
}

export interface SiteIndex {
  readonly title: string;
  readonly project: string;
  readonly generatedAt: string;
  readonly warehouse: string | null;
  readonly overview: Html | null;
  readonly items: readonly IndexItem[];
  readonly layers: readonly string[];
  readonly score: number | null;
  /** Whether any source or test says how old its data may be. */
  readonly expectsFreshness: boolean;
  readonly lastRun: LastRun | null;
  readonly held: readonly HeldItem[];
  readonly rolledBack: readonly RolledBackItem[];
  readonly runs: readonly RunSummary[];
  readonly guide: readonly { readonly slug: string; readonly title: string }[];
  readonly columnLineage: boolean;
  /** By criterion, `state:modified`, the positions of what it selects. */
  readonly answers: Readonly<Record<string, readonly number[]>>;
  /** What `state:` compared with, in words. */
  readonly comparedWith: string | null;
}

export interface ColumnDetail {
  readonly name: string;
  readonly type: string | null;
  readonly description: Html | null;
  readonly constraints: readonly string[];
  readonly tags: readonly string[];
  readonly tests: readonly number[];
  /** The column whose description this is, `stg_orders.amount`, where it has none of its own. */
  readonly describedBy?: string;
  /** Tests of columns it is copied from that hold here, too. */
  readonly inheritedTests?: readonly number[];
  readonly personal: boolean;
  readonly nullShare?: number;
  readonly distinct?: number;
  readonly min?: string;
  readonly max?: string;
  readonly histogram?: readonly number[];
  readonly frequent?: readonly { readonly value: string; readonly count: number }[];
}

export interface ScorePart {
  readonly name: string;
  readonly weight: number;
  /** 0 to 1. */
  readonly value: number;
  readonly because: string;
}

export interface ItemDetail {
  readonly description: Html | null;
  readonly relation: string | null;
  /** Nobody finds it under that name: no build of it was published yet. */
  readonly unbuilt?: true;
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly owner: readonly (readonly [label: string, value: string])[];
  readonly columns: readonly ColumnDetail[];
  /** Of a macro, as they are documented. */
  readonly arguments?: readonly {
    readonly name: string;
    readonly type: string | null;
    readonly description: Html | null;
  }[];
  readonly tests: readonly number[];
  readonly raw: string | null;
  readonly compiled: string | null;
  readonly language: 'sql' | 'jinja' | 'yaml' | 'text';
  /** What a name in the SQL leads to: `stg_flights`, `raw.flights`, `"db"."schema"."name"`, a macro's name. */
  readonly links: Readonly<Record<string, number>>;
  readonly score: readonly ScorePart[];
  /** [run, status, seconds, rows or test failures], runs by their position in `SiteIndex.runs`. */
  readonly runs: readonly (readonly [run: number, status: string, seconds: number | null, amount: number | null])[];
  readonly versions: readonly {
    readonly version: number;
    readonly at: string;
    readonly rows: number | null;
    readonly bytes: number | null;
    readonly git: string | null;
    readonly reason: string | null;
    readonly current: boolean;
  }[];
  readonly examples: readonly { readonly title: string; readonly sql: string; readonly test: number }[];
  /** What the columns' statistics are made of. */
  readonly measured: { readonly rows: number; readonly of: 'all' | 'sample' | 'first' } | null;
  readonly last: {
    readonly status: string;
    readonly at: string | null;
    readonly message: string | null;
    readonly reason: string | null;
    readonly hint: string | null;
    readonly failures: number | null;
    readonly considered: number | null;
    readonly sample: RowSample | null;
  } | null;
  readonly freshness: {
    readonly status: string;
    readonly at: string | null;
    readonly measured: string;
    readonly expectation: string | null;
  } | null;
  /** What was promised about time, and the test that sees whether it is kept, or else what is known of it. */
  readonly promises: readonly {
    readonly text: string;
    readonly test: number | null;
    readonly kept?: { readonly kept: boolean | null; readonly because: string };
  }[];
  /** Macros: where it is used. */
  readonly usedBy: readonly number[];
}

/** [from item, from column, to item, to column, 1 for a copy], columns by position in `IndexItem.columns`, five numbers an edge. */
export type ColumnLineageData = readonly number[];

export type GuideData = Readonly<Record<string, Html>>;

/** The index as it is written. */
export type WrittenIndex = Omit<SiteIndex, 'items'> & { readonly items: readonly WrittenItem[] };
