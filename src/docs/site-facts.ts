/** The input brought into the order of the site: which items there are, what is known of each, what the past says. */
import type {
  AnyNode,
  ExposureNode,
  GraphNode,
  MacroNode,
  ManifestColumn,
  SourceNode,
  UnitTestNode,
} from '../compile/manifest.ts';
import { allNodes, nodeOf } from '../compile/manifest.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import type { NodeResult } from '../run/results.ts';
import { type CatalogColumn, catalogNodeOf } from './catalog.ts';
import { type DescribedNode, describedNodes } from './described-nodes.ts';
import { type MeasuredFreshness, ROLLED_BACK, type RunHistoryEntry } from './history.ts';
import { type PersonalData, personalData } from './privacy.ts';
import { DRAWN, type ItemKind } from './site-data.ts';
import type { SiteInput } from './site-input.ts';
import { freshnessOfTest } from './timeliness.ts';

/** How many past runs the site shows. */
export const RUNS_SHOWN = 60;

export type SiteNode = AnyNode | MacroNode | DescribedNode;

/** A column as the warehouse has it, as the property file describes it, or both. */
export interface SiteColumn {
  readonly name: string;
  readonly built: CatalogColumn | undefined;
  readonly stated: ManifestColumn | undefined;
}

export interface SiteFacts {
  readonly input: SiteInput;
  /** Every item in the order of the site; a node's tests follow it, so that one shard holds both. */
  readonly nodes: readonly SiteNode[];
  readonly positionOf: ReadonlyMap<NodeId, number>;
  /** Tests by the node they look at. */
  readonly testsOf: ReadonlyMap<NodeId, readonly (GraphNode | UnitTestNode)[]>;
  /** The oldest first. */
  readonly runs: readonly RunHistoryEntry[];
  readonly resultOf: ReadonlyMap<NodeId, NodeResult>;
  readonly personal: PersonalData;
  /** The columns of a relation in the order of the warehouse, then what only the property file knows. */
  readonly columnsOf: (node: SiteNode) => readonly SiteColumn[];
  readonly freshnessOf: (id: NodeId) => MeasuredFreshness | undefined;
  /** `held`, `rolled back`, a build's status or a test's verdict: of the last run, or of the newest past run that knows the node. */
  readonly stateOf: (id: NodeId) => string | undefined;
}

export function siteFacts(input: SiteInput): SiteFacts {
  const { manifest } = input;
  const runs = [...(input.history ?? [])]
    .sort((a, b) => (a.started_at < b.started_at ? -1 : a.started_at > b.started_at ? 1 : 0))
    .slice(-RUNS_SHOWN);
  const resultOf = new Map((input.results?.results ?? []).map((result) => [result.unique_id, result]));
  const testsOf = new Map<NodeId, (GraphNode | UnitTestNode)[]>();
  const tests: (GraphNode | UnitTestNode)[] = [];
  const relations: SiteNode[] = describedNodes(manifest).filter(isShown);
  for (const node of allNodes(manifest)) {
    if (node.resource_type === 'operation' || !isShown(node)) continue;
    if (node.resource_type !== 'test' && node.resource_type !== 'unit_test') relations.push(node);
    else {
      const looksAt = testedBy(node);
      const about = looksAt.map((id) => nodeOf(manifest, id));
      if (about.length > 0 && about.every((one) => one && !isShown(one))) continue;
      tests.push(node);
      for (const tested of looksAt) testsOf.set(tested, [...(testsOf.get(tested) ?? []), node]);
    }
  }
  relations.sort(byPlace);
  const macros = Object.values(manifest.macros)
    .filter((macro) => !OWN_PACKAGES.has(macro.package_name) && isShown(macro))
    .sort(byPlace);
  const nodes = new Set<SiteNode>();
  for (const node of relations) {
    nodes.add(node);
    for (const test of testsOf.get(node.unique_id) ?? []) nodes.add(test);
  }
  for (const node of [...tests, ...macros]) nodes.add(node);
  const ordered = [...nodes];
  /** The strictest of what its tests say. */
  const testedFreshness = (id: NodeId): MeasuredFreshness | undefined =>
    (testsOf.get(id) ?? [])
      .flatMap((test) => (isGraphNode(test) ? (freshnessOfTest(test, resultOf.get(test.unique_id)) ?? []) : []))
      .sort((a, b) => SEVERITY.indexOf(b.status) - SEVERITY.indexOf(a.status))[0];
  const columns = new Map<SiteNode, readonly SiteColumn[]>();
  return {
    input,
    nodes: ordered,
    columnsOf(node) {
      const known = columns.get(node) ?? siteColumns(node, input);
      columns.set(node, known);
      return known;
    },
    positionOf: new Map(ordered.map((node, position) => [node.unique_id, position])),
    testsOf,
    runs,
    resultOf,
    freshnessOf: (id) => input.freshness?.[id] ?? testedFreshness(id),
    personal: input.personal ?? personalData(manifest, input.columnLineage ?? []),
    stateOf: (id) => {
      if (input.rolledBack?.[id]) return ROLLED_BACK;
      const result = resultOf.get(id);
      const last = result ? outcomeOf(result) : pastOutcome(id, runs);
      // Its own mistake says more than that it is held for it.
      if (last !== undefined && FAILED.has(last)) return last;
      if (input.held?.[id]) return 'held';
      return result && input.held ? (result.meta.dql.verdict ?? result.status) : last;
    },
  };
}

function pastOutcome(id: NodeId, runs: readonly RunHistoryEntry[]): string | undefined {
  // A rollback that was undone says nothing of how the build went.
  const run = runs.findLast(({ nodes, tests }) => (nodes[id]?.status ?? ROLLED_BACK) !== ROLLED_BACK || tests[id]);
  return run?.nodes[id]?.status ?? run?.tests[id]?.verdict;
}

const FAILED = new Set<string>(['error', 'runtime error']);

/** A build's status, `held` where it succeeded and was not published, or a test's verdict. */
export const outcomeOf = ({ status, meta: { dql } }: NodeResult): string =>
  dql.held && !FAILED.has(status) ? 'held' : (dql.verdict ?? status);

function siteColumns(node: SiteNode, { catalog }: SiteInput): readonly SiteColumn[] {
  if (!isRelation(node)) return [];
  const stated = new Map(Object.values(node.columns).map((column) => [column.name.toLowerCase(), column]));
  const built = Object.values(catalogNodeOf(catalog, node.unique_id)?.columns ?? {})
    .sort((a, b) => a.index - b.index)
    .map((column) => ({ name: column.name, built: column, stated: stated.get(column.name.toLowerCase()) }));
  for (const { name } of built) stated.delete(name.toLowerCase());
  return [...built, ...[...stated.values()].map((column) => ({ name: column.name, built: undefined, stated: column }))];
}

const SEVERITY: readonly MeasuredFreshness['status'][] = ['pass', 'warn', 'error', 'runtime error'];

/** The nodes a test looks at: what it is attached to, or else everything it reads. */
export const testedBy = (test: GraphNode | UnitTestNode): readonly NodeId[] => {
  if (test.resource_type === 'unit_test') return test.depends_on.nodes.slice(0, 1);
  return test.attached_node ? [test.attached_node] : test.depends_on.nodes;
};

export const parentsOf = (node: SiteNode): readonly NodeId[] =>
  node.resource_type === 'macro' || node.resource_type === 'source' ? [] : node.depends_on.nodes;

/** `docs: { show: false }` keeps a node off the site, and the tests of nothing else with it. */
const isShown = (node: SiteNode): boolean => docsOf(node).show !== false;

function docsOf(node: SiteNode): Readonly<Record<string, Json>> {
  if ('docs' in node) return { ...node.docs };
  const { docs } = 'config' in node ? node.config : {};
  // Checked to be a map; its values are JSON because the manifest is.
  return typeof docs === 'object' && docs !== null && !Array.isArray(docs)
    ? (docs as Readonly<Record<string, Json>>)
    : {};
}

/** `docs: { node_color: … }`, a CSS name or hex code; undefined for anything else. */
export function colourOf(node: SiteNode): string | undefined {
  const { node_color: colour } = docsOf(node);
  return typeof colour === 'string' && /^(#[0-9a-f]{3,8}|[a-z]+)$/i.test(colour) ? colour : undefined;
}

/** What people call it. */
export function nameOf(node: SiteNode): string {
  if (node.resource_type === 'source') return `${node.source_name}.${node.name}`;
  if (isExposure(node) || isDescribed(node)) return node.label ?? node.name;
  if (isGraphNode(node) && node.version !== null) return `${node.name}.v${node.version}`;
  return node.name;
}

export const kindOf = (node: SiteNode): ItemKind =>
  // Operations were left out by siteFacts.
  node.resource_type === 'operation' ? 'analysis' : node.resource_type;

/** Where a node stands on the way from raw data to its readers: `meta.layer`, else its kind, its folder below `models/`, or its prefix. */
export function layerOf(node: SiteNode): string {
  if (node.resource_type !== 'model') return node.resource_type;
  const stated = node.config.meta.layer ?? node.meta.layer;
  if (typeof stated === 'string') return stated;
  const folder = node.path.split('/').length > 1 ? node.path.split('/')[0] : undefined;
  if (folder) return folder;
  const prefix = node.name.split('_')[0] ?? '';
  return PREFIXES[prefix] ?? 'models';
}

const PREFIXES: Readonly<Record<string, string>> = {
  base: 'staging',
  stg: 'staging',
  int: 'intermediate',
  fct: 'marts',
  dim: 'marts',
  mart: 'marts',
};

/** Who answers for a node: `meta.owner`, its group's owner, or an exposure's. */
export function ownerOf(node: SiteNode, input: SiteInput): readonly Owner[] {
  const stated =
    isExposure(node) || node.resource_type === 'group' ? node.owner : (node.meta.owner ?? configMeta(node).owner);
  return stated === undefined || stated === null ? groupOwnerOf(node, input) : ownersIn(stated, 'name');
}

export function groupOwnerOf(node: SiteNode, { manifest }: SiteInput): readonly Owner[] {
  const own = 'group' in node ? node.group : null;
  const group = own ? manifest.groups[`group.${node.package_name}.${own}`] : undefined;
  return group ? ownersIn(group.owner, 'name') : [];
}

export type Owner = readonly [label: string, value: string];

/** `ada`, `[ada, bob]`, `{name: Ada, email: [ada@example.com]}`: what `owner:` selects by. */
function ownersIn(stated: Json, label: string): readonly Owner[] {
  if (typeof stated === 'string' || typeof stated === 'number') return stated === '' ? [] : [[label, String(stated)]];
  if (Array.isArray(stated)) return stated.flatMap((one) => ownersIn(one, label));
  if (typeof stated !== 'object' || stated === null) return [];
  return Object.entries(stated).flatMap(([key, value]) => ownersIn(value, key));
}

export const configMeta = (node: SiteNode): Readonly<Record<string, Json>> => {
  const meta = 'config' in node ? node.config.meta : undefined;
  // Checked to be a record; its values are JSON because the manifest is.
  return typeof meta === 'object' && meta !== null && !Array.isArray(meta)
    ? (meta as Readonly<Record<string, Json>>)
    : {};
};

export const isGraphNode = (node: SiteNode): node is GraphNode =>
  node.resource_type === 'model' ||
  node.resource_type === 'seed' ||
  node.resource_type === 'snapshot' ||
  node.resource_type === 'test' ||
  node.resource_type === 'analysis' ||
  node.resource_type === 'operation';

/** A node with columns of its own. */
export const isRelation = (node: SiteNode): node is GraphNode | SourceNode =>
  node.resource_type === 'source' ||
  node.resource_type === 'model' ||
  node.resource_type === 'seed' ||
  node.resource_type === 'snapshot';

/** A build of it writes some of its rows; the others stay. */
export const isWrittenInParts = (node: SiteNode): boolean =>
  isGraphNode(node) && ['incremental', 'snapshot'].includes(node.config.materialized);

export const isDescribed = (node: SiteNode): node is DescribedNode => DESCRIBED.has(node.resource_type);

const DESCRIBED = new Set<string>(['metric', 'semantic_model', 'saved_query', 'function', 'group']);

export const isExposure = (node: SiteNode): node is ExposureNode => node.resource_type === 'exposure';

/** Macros that come with the tools themselves are nobody's documentation. */
const OWN_PACKAGES = new Set(['dbt', 'dbt_duckdb', 'dql']);

const ORDER: readonly string[] = [...DRAWN, 'analysis', 'macro', 'function', 'group'];

const byPlace = (a: SiteNode, b: SiteNode): number =>
  ORDER.indexOf(a.resource_type) - ORDER.indexOf(b.resource_type) ||
  a.original_file_path.localeCompare(b.original_file_path) ||
  nameOf(a).localeCompare(nameOf(b));
