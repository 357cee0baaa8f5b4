/** SiteFacts → the index: what the page knows from its first moment. */
import { isExample } from '../compile/manifest.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import type { NodeResult } from '../run/results.ts';
import { catalogNodeOf } from './catalog.ts';
import { layoutMap } from './graph-layout.ts';
import { ROLLED_BACK } from './history.ts';
import { scoreOf, scoreParts } from './quality-score.ts';
import { plainText, safeHtml } from './safe-html.ts';
import {
  DRAWN,
  type HeldItem,
  type IndexItem,
  type LastRun,
  type RunSummary,
  type ScorePart,
  type SiteIndex,
  USUAL_CONFIG,
  usualFqn,
  usualSlug,
  type WrittenIndex,
} from './site-data.ts';
import {
  colourOf,
  groupOwnerOf,
  isDescribed,
  isExposure,
  isGraphNode,
  isRelation,
  isWrittenInParts,
  kindOf,
  layerOf,
  nameOf,
  ownerOf,
  parentsOf,
  type SiteFacts,
  type SiteNode,
  testedBy,
} from './site-facts.ts';
import { inheritedKey } from './site-input.ts';

/** Beyond this many nodes the map is arranged ahead of time. */
const ARRANGED_IN_THE_PAGE = 300;

/** Pixels of a node on the map. */
export const MAP_NODE = { width: 190, height: 40 };

export function siteIndex(facts: SiteFacts): SiteIndex {
  const { input, runs } = facts;
  const items = withPlaces(itemsOf(facts));
  const scores = items.flatMap((item) => (item.score === undefined ? [] : [item.score]));
  const overview = Object.values(input.manifest.docs).find((doc) => doc.name === '__overview__');
  return {
    title: input.projectTitle,
    project: String(input.manifest.metadata.project_name ?? ''),
    generatedAt: input.now.toISOString(),
    warehouse: input.warehouse ?? null,
    overview: overview && overview.package_name !== 'dbt' ? safeHtml(overview.block_contents, 2) : null,
    items,
    layers: [...new Set(items.filter((item) => DRAWN.has(item.kind)).map((item) => item.layer))].sort(byFlow),
    score: scores.length === 0 ? null : Math.round(scores.reduce((total, score) => total + score, 0) / scores.length),
    expectsFreshness: facts.nodes.some(expectsFreshness),
    lastRun: lastRunOf(facts),
    held: heldItems(facts),
    rolledBack: Object.entries(input.rolledBack ?? {}).flatMap(([id, { reason, run_id, at, serving_since }]) => {
      const item = facts.positionOf.get(id);
      return item === undefined ? [] : [{ item, reason, run: run_id, at, since: serving_since }];
    }),
    runs: runs.map((run): RunSummary => {
      const verdicts = Object.values(run.tests);
      const failed = verdicts.filter(({ verdict }) => verdict === 'fail' || verdict === 'error').length;
      return {
        id: run.id,
        at: run.started_at,
        seconds: run.seconds,
        status: run.status,
        command: run.command,
        git: run.git_sha,
        tests: { passed: verdicts.length - failed, failed },
      };
    }),
    guide: (input.guide ?? []).map(({ slug, title }) => ({ slug, title })),
    columnLineage: (input.columnLineage ?? []).length > 0,
    answers: Object.fromEntries(
      Object.entries(input.answers ?? {}).map(([criterion, ids]) => [criterion, positions(ids, facts)]),
    ),
    comparedWith: input.comparedWith ?? null,
  };
}

/** The index without what the page can tell by itself: with 15,000 items that is half of it. */
export function writtenIndex(index: SiteIndex): WrittenIndex {
  return {
    ...index,
    items: index.items.map(({ slug, about, packageName, fqn, parents, ...item }) => ({
      ...item,
      ...(slug !== usualSlug(item) && { slug }),
      ...(about !== '' && { about }),
      ...(packageName !== index.project && { packageName }),
      ...(fqn.join('.') !== usualFqn(item, packageName).join('.') && { fqn }),
      ...(parents.length > 0 && { parents }),
    })),
  };
}

/** The reckoning of a relation's quality score; empty for what has none. */
export function scoreOfNode(node: SiteNode, facts: SiteFacts): readonly ScorePart[] {
  if (!isRelation(node)) return [];
  // That an example runs says nothing of the data.
  const tests = (facts.testsOf.get(node.unique_id) ?? []).filter((test) => !isGraphNode(test) || !isExample(test));
  const tested = new Set(
    tests.flatMap((test) => (isGraphNode(test) && test.column_name ? [test.column_name.toLowerCase()] : [])),
  );
  return scoreParts({
    verdicts: tests.map((test) => facts.stateOf(test.unique_id)),
    columns: facts.columnsOf(node).map(({ name, stated: column }) => {
      const constrained = isGraphNode(node) && node.contract.enforced && (column?.constraints.length ?? 0) > 0;
      return {
        described: (column?.description ?? '').trim() !== '',
        proved:
          constrained ||
          tested.has(name.toLowerCase()) ||
          (facts.input.inherited?.get(inheritedKey(node.unique_id, name))?.tests.length ?? 0) > 0,
      };
    }),
    described: node.description.trim() !== '',
    freshness: facts.freshnessOf(node.unique_id)?.status,
    owned: ownerOf(node, facts.input).length > 0,
  });
}

/** From raw data to its readers; layers of the project's own stand before the marts. */
const FLOW = [
  'source',
  'seed',
  'snapshot',
  'staging',
  'intermediate',
  '',
  'marts',
  'semantic_model',
  'metric',
  'saved_query',
  'exposure',
];

const byFlow = (a: string, b: string): number => flowOf(a) - flowOf(b) || a.localeCompare(b);

const flowOf = (layer: string): number => FLOW.indexOf(FLOW.includes(layer) ? layer : '');

function itemsOf(facts: SiteFacts): readonly IndexItem[] {
  const taken = new Set<string>();
  return facts.nodes.map((node) => {
    const name = nameOf(node);
    const kind = kindOf(node);
    const plain = `${kind}/${isExposure(node) || isDescribed(node) ? node.name : name}`;
    const slug = taken.has(plain) ? `${kind}/${node.unique_id}` : plain;
    taken.add(slug);
    const owner = ownerOf(node, facts.input);
    const score = scoreOfNode(node, facts);
    const columns = facts.columnsOf(node).map(({ name: own }) => own);
    const built = catalogNodeOf(facts.input.catalog, node.unique_id)?.meta?.dql;
    const result = facts.resultOf.get(node.unique_id);
    const fresh = facts.freshnessOf(node.unique_id);
    const rows = built?.rows ?? rowsBuilt(node, result);
    const bytes = built?.bytes ?? (result?.meta.dql.held ? undefined : result?.meta.dql.bytes);
    const seconds = secondsOf(node.unique_id, facts);
    const state = facts.stateOf(node.unique_id);
    const tags = 'tags' in node ? node.tags : [];
    const colour = colourOf(node);
    const ownerName = owner.find(([label]) => label === 'name')?.[1] ?? owner[0]?.[1];
    const named = [...owner, ...groupOwnerOf(node, facts.input)].map(([, value]) => value);
    const contacts = [...new Set(named)].filter((value) => value !== ownerName);
    return {
      kind,
      name,
      slug,
      about: plainText(node.description),
      parents: positions(parentsOf(node), facts),
      path: node.original_file_path,
      ...describedIn(node),
      packageName: node.package_name,
      fqn: 'fqn' in node ? node.fqn : [node.package_name, node.name],
      layer: layerOf(node),
      ...(colour !== undefined && { colour }),
      ...(columns.length > 0 && { columns }),
      ...(tags.length > 0 && { tags }),
      ...(ownerName !== undefined && { owner: ownerName }),
      ...(contacts.length > 0 && { contacts }),
      ...(isGraphNode(node) && node.version !== null && { version: [node.version, node.latest_version] as const }),
      ...(isGraphNode(node) && node.test_metadata && { check: node.test_metadata.name }),
      ...('group' in node && node.group !== null && { group: node.group }),
      ...(node.resource_type === 'model' && { access: node.access }),
      ...(isGraphNode(node) && node.resource_type !== 'test' && { materialized: node.config.materialized }),
      ...configOf(node),
      ...(state !== undefined && { state }),
      ...(fresh && { freshness: fresh.status }),
      ...(typeof fresh?.max_loaded_at === 'string' && { newest: fresh.max_loaded_at }),
      ...(seconds !== undefined && { seconds: Math.round(seconds * 1e4) / 1e4 }),
      ...(typeof rows === 'number' && { rows }),
      ...(typeof bytes === 'number' && { bytes }),
      ...(score.length > 0 && { score: scoreOf(score) }),
      ...testedOf(node, facts),
    };
  });
}

/** What was built where nobody counted what readers see: not of a build they never saw, nor of one that wrote only some of the rows. */
const rowsBuilt = (node: SiteNode, result: NodeResult | undefined): number | null | undefined =>
  result?.meta.dql.held || isWrittenInParts(node) ? undefined : result?.meta.dql.rows;

/** What its last real execution took: a node that was reused took no time, which says nothing of what it costs. */
function secondsOf(id: NodeId, { resultOf, runs }: SiteFacts): number | undefined {
  const result = resultOf.get(id);
  const isRun = result && result.status !== 'reused' && result.status !== 'skipped';
  // A verdict that was taken over took no time at all.
  if (isRun && result.execution_time > 0) return result.execution_time;
  return runs.findLast((run) => !UNTIMED.has(run.nodes[id]?.status))?.nodes[id]?.seconds;
}

const UNTIMED = new Set<string | undefined>(['reused', 'skipped', ROLLED_BACK, undefined]);

function describedIn(node: SiteNode): Pick<IndexItem, 'describedIn'> {
  const file = 'patch_path' in node ? node.patch_path?.split('://')[1] : undefined;
  return file === undefined || file === node.original_file_path ? {} : { describedIn: file };
}

function configOf(node: SiteNode): Pick<IndexItem, 'config'> {
  const config = 'config' in node ? unusual(node.config, USUAL_CONFIG[kindOf(node)] ?? {}) : {};
  return Object.keys(config).length === 0 ? {} : { config };
}

/** Nothing that says nothing or is usual; hooks stay at home. */
function unusual(
  config: Readonly<Record<string, Json>>,
  usual: Readonly<Record<string, Json>>,
): Readonly<Record<string, Json>> {
  const told = Object.entries(config).filter(
    ([key, value]) => !UNTOLD.has(key) && value !== null && value !== '' && !isUsual(value, usual[key]),
  );
  for (const key of Object.keys(usual)) if (config[key] === undefined || config[key] === null) told.push([key, null]);
  return Object.fromEntries(told);
}

const isUsual = (value: Json, usual: Json | undefined): boolean =>
  typeof value === 'object' && value !== null
    ? Object.keys(value).length === 0 || JSON.stringify(value) === JSON.stringify(usual)
    : value === usual;

/** The page has them from elsewhere, or they are texts for the warehouse alone. */
const UNTOLD = new Set(['enabled', 'materialized', 'tags', 'pre-hook', 'post-hook']);

const expectsFreshness = (node: SiteNode): boolean =>
  (node.resource_type === 'source' &&
    [node.freshness?.warn_after, node.freshness?.error_after].some((limit) => (limit?.count ?? null) !== null)) ||
  (isGraphNode(node) && node.test_metadata?.name === 'freshness');

function testedOf(node: SiteNode, facts: SiteFacts): Pick<IndexItem, 'tested'> {
  if (node.resource_type !== 'test' && node.resource_type !== 'unit_test') return {};
  const item = positions(testedBy(node), facts)[0];
  if (item === undefined) return {};
  return { tested: { item, column: node.resource_type === 'test' ? (node.column_name ?? null) : null } };
}

/** The nodes' positions among the items; what has no page is left out. */
export const positions = (ids: readonly NodeId[], facts: SiteFacts): readonly number[] =>
  ids.flatMap((id) => facts.positionOf.get(id) ?? []);

function withPlaces(items: readonly IndexItem[]): readonly IndexItem[] {
  const inMap = items.flatMap((item, position) => (DRAWN.has(item.kind) ? [position] : []));
  if (inMap.length <= ARRANGED_IN_THE_PAGE) return items;
  const mapPosition = new Map(inMap.map((position, at) => [position, at]));
  const edges = inMap.flatMap((position, to) =>
    (items[position]?.parents ?? []).flatMap((parent) => {
      const from = mapPosition.get(parent);
      return from === undefined ? [] : [[from, to] as const];
    }),
  );
  const { places } = layoutMap(
    inMap.map(() => MAP_NODE),
    edges,
  );
  return items.map((item, position) => {
    const place = places[mapPosition.get(position) ?? -1];
    return place ? { ...item, place: [Math.round(place.x), Math.round(place.y)] } : item;
  });
}

function heldItems(facts: SiteFacts): readonly HeldItem[] {
  const told = [...facts.resultOf].flatMap(([id, { meta }]) => (meta.dql.held ? [[id, meta.dql.held] as const] : []));
  const known = facts.input.held;
  const because = new Map(told);
  // The run knows the guilty, the ledger whether it still holds.
  const held = known
    ? Object.entries(known).map(
        ([id, why]) =>
          [
            id,
            because.get(id)?.reason === why.reason ? { ...why, because: because.get(id)?.because ?? [] } : why,
          ] as const,
      )
    : told;
  return held.flatMap(([id, why]) => {
    const item = facts.positionOf.get(id);
    if (item === undefined) return [];
    return [
      {
        item,
        reason: why.reason,
        because: positions(why.because, facts),
        since: why.serving_since,
      },
    ];
  });
}

function lastRunOf(facts: SiteFacts): LastRun | null {
  const { results } = facts.input;
  if (!results) return null;
  const counts: Record<string, number> = {};
  for (const result of results.results) counts[result.status] = (counts[result.status] ?? 0) + 1;
  const known = results.results.flatMap((result) => {
    const item = facts.positionOf.get(result.unique_id);
    return item === undefined ? [] : [{ item, result, test: facts.nodes[item]?.resource_type }];
  });
  const complaints = (statuses: readonly string[]) =>
    known
      .filter(({ result }) => statuses.includes(result.status))
      .map(({ item, result }) => ({ item, status: result.status, message: result.message ?? '' }));
  return {
    id: results.meta.dql.run_id,
    at: results.metadata.generated_at,
    command: String(results.args.which ?? 'build'),
    target: results.meta.dql.target,
    seconds: results.elapsed_time,
    exitCode: results.meta.dql.exit_code,
    counts,
    changes: known
      .filter(({ result, test }) => test !== 'test' && test !== 'unit_test' && result.status === 'success')
      .filter(({ result }) => !result.meta.dql.held)
      .map(({ item, result }) => ({ item, status: result.status, reason: result.meta.dql.reason ?? 'built' })),
    failures: complaints(['error', 'fail', 'runtime error', 'partial success']),
    warnings: complaints(['warn']),
  };
}
