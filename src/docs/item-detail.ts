/** SiteFacts → what the page of one item shows beyond the index. */
import {
  type Constraint,
  type GraphNode,
  isExample,
  type MacroNode,
  type ManifestColumn,
  type SourceNode,
  type UnitTestNode,
} from '../compile/manifest.ts';
import type { Json } from '../core/node-id.ts';
import { shownIdentifier } from '../core/quote.ts';
import { catalogNodeOf } from './catalog.ts';
import { definitionOf } from './described-nodes.ts';
import { withoutPersonalCells } from './privacy.ts';
import { plainText, safeHtml } from './safe-html.ts';
import type { ColumnDetail, ItemDetail } from './site-data.ts';
import {
  configMeta,
  isDescribed,
  isExposure,
  isGraphNode,
  isRelation,
  isWrittenInParts,
  nameOf,
  outcomeOf,
  ownerOf,
  parentsOf,
  type SiteFacts,
  type SiteNode,
  testedBy,
} from './site-facts.ts';
import { positions, scoreOfNode } from './site-index.ts';
import { inheritedKey } from './site-input.ts';
import { promisesOf } from './timeliness.ts';

export function itemDetail(node: SiteNode, facts: SiteFacts): ItemDetail {
  const tests = facts.testsOf.get(node.unique_id) ?? [];
  const counted = catalogNodeOf(facts.input.catalog, node.unique_id)?.meta?.dql.rows;
  return {
    description: htmlOrNull(node.description || saidIn(node, 'description') || describedTest(node)),
    relation: isRelation(node) ? node.relation_name : null,
    ...(isUnbuilt(node, facts) && { unbuilt: true as const }),
    facts: factsOf(node),
    owner: ownerOf(node, facts.input),
    columns: isRelation(node) ? columnsOf(node, facts) : [],
    ...(node.resource_type === 'macro' && node.arguments.length > 0 && { arguments: argumentsOf(node) }),
    tests: positions(
      tests.map((test) => test.unique_id),
      facts,
    ),
    ...codeOf(node),
    links: linksOf(node, facts),
    score: scoreOfNode(node, facts),
    runs: facts.runs.flatMap((run, position): ItemDetail['runs'] => {
      const built = run.nodes[node.unique_id];
      if (built) return [[position, built.status, built.seconds, built.rows]];
      const tested = run.tests[node.unique_id];
      return tested ? [[position, tested.verdict, null, tested.failures]] : [];
    }),
    versions: [...(facts.input.versions?.[node.unique_id] ?? [])]
      .sort((a, b) => b.version - a.version)
      .map(({ version, built_at, rows, bytes, run_id, git_sha, reason, current }) => ({
        version,
        at: built_at,
        rows: rows ?? (current && isWrittenInParts(node) ? (counted ?? null) : null),
        bytes,
        git: git_sha,
        reason: reason ?? facts.runs.find(({ id }) => id === run_id)?.nodes[node.unique_id]?.reason ?? null,
        current,
      })),
    examples: examplesOf(tests, facts),
    measured: measuredOf(node, facts),
    last: lastOf(node, facts),
    freshness: freshnessOf(node, facts),
    promises: promisesOf(slaOf(node), tests.filter(isGraphNode), {
      id: node.unique_id,
      now: facts.input.now,
      runs: facts.runs,
      freshness: facts.freshnessOf(node.unique_id),
    }).map(({ text, test, kept }) => ({
      text,
      test: test === null ? null : (facts.positionOf.get(test) ?? null),
      ...(kept && { kept }),
    })),
    usedBy: usersOf(node, facts),
  };
}

/** A group is used by its members. */
function usersOf(node: SiteNode, { nodes }: SiteFacts): readonly number[] {
  const isMember = (other: SiteNode) =>
    'group' in other &&
    other.group === node.name &&
    other.package_name === node.package_name &&
    other.resource_type !== 'test';
  const uses =
    node.resource_type === 'group'
      ? isMember
      : node.resource_type === 'macro'
        ? (user: SiteNode) => user.resource_type !== 'source' && user.depends_on.macros.includes(node.unique_id)
        : undefined;
  return uses ? nodes.flatMap((user, position) => (uses(user) ? [position] : [])) : [];
}

const argumentsOf = ({ arguments: all }: MacroNode): ItemDetail['arguments'] =>
  all.map(({ name, type, description }) => ({ name, type, description: htmlOrNull(description) }));

/** What only the project knows of: neither the ledger keeps a version of it nor did the warehouse show it. */
const isUnbuilt = (node: SiteNode, { input }: SiteFacts): boolean =>
  isRelation(node) &&
  node.resource_type !== 'source' &&
  node.relation_name !== null &&
  input.versions?.[node.unique_id] === undefined &&
  catalogNodeOf(input.catalog, node.unique_id)?.meta === undefined;

/** Its configuration's, or what dbt's users write under `meta`. */
function slaOf(node: SiteNode): Json | undefined {
  if (isExposure(node) || node.resource_type === 'macro') return undefined;
  return ('config' in node ? node.config.sla : undefined) ?? configMeta(node).sla ?? node.meta.sla;
}

function measuredOf(node: SiteNode, facts: SiteFacts): ItemDetail['measured'] {
  const { rows = null, sampled = null } = catalogNodeOf(facts.input.catalog, node.unique_id)?.meta?.dql ?? {};
  if (sampled === null) return null;
  return { rows: sampled, of: rows === null ? 'first' : rows > sampled ? 'sample' : 'all' };
}

function columnsOf(node: GraphNode | SourceNode, facts: SiteFacts): readonly ColumnDetail[] {
  const tests = facts.testsOf.get(node.unique_id) ?? [];
  return facts.columnsOf(node).map(({ name, built: found, stated: column }) => {
    const statistics = found?.meta?.dql;
    const personal = facts.personal.holds(node.unique_id, name);
    const inherited = facts.input.inherited?.get(inheritedKey(node.unique_id, name));
    return {
      name,
      type: found?.type ?? column?.data_type ?? null,
      description: htmlOrNull(column?.description ?? found?.comment ?? ''),
      constraints: constraintsOf(column, isGraphNode(node) ? node : undefined, name),
      tags: column?.tags ?? [],
      tests: positions(
        tests.flatMap((test) => (isGraphNode(test) && sameName(test.column_name, name) ? [test.unique_id] : [])),
        facts,
      ),
      ...(inherited?.describedBy !== undefined && { describedBy: inherited.describedBy }),
      ...(inherited && inherited.tests.length > 0 && { inheritedTests: positions(inherited.tests, facts) }),
      personal,
      ...(typeof statistics?.null_share === 'number' && { nullShare: statistics.null_share }),
      ...(typeof statistics?.distinct === 'number' && { distinct: statistics.distinct }),
      // Smallest, largest and frequent values are values of somebody's.
      ...(!personal && typeof statistics?.min === 'string' && { min: statistics.min }),
      ...(!personal && typeof statistics?.max === 'string' && { max: statistics.max }),
      ...(!personal && statistics?.histogram && { histogram: statistics.histogram }),
      ...(!personal && statistics?.frequent && { frequent: statistics.frequent }),
    };
  });
}

function constraintsOf(
  column: ManifestColumn | undefined,
  node: GraphNode | undefined,
  name: string,
): readonly string[] {
  const spelled = ({ type, expression, to, to_columns }: Constraint) => {
    if (type === 'foreign_key' && to)
      return `foreign key → ${to}${to_columns.length > 0 ? ` (${to_columns.join(', ')})` : ''}`;
    return `${type.replace('_', ' ')}${expression ? ` (${expression})` : ''}`;
  };
  const whole = (node?.constraints ?? []).filter((constraint) =>
    constraint.columns.some((other) => sameName(other, name)),
  );
  const all = [...(column?.constraints ?? []), ...whole].map(spelled);
  if (node?.primary_key.some((other) => sameName(other, name)) && !all.includes('primary key'))
    all.unshift('primary key');
  return [...new Set(all)];
}

function factsOf(node: SiteNode): readonly (readonly [string, string])[] {
  const facts: [string, string][] = [];
  const add = (label: string, value: Json | undefined) => {
    if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return;
    facts.push([label, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
  };
  if (isExposure(node)) {
    add('Type', node.type);
    add('Maturity', node.maturity);
    add('Address', node.url);
  }
  if (node.resource_type === 'source') {
    add('Loader', node.loader);
    add('Loaded at', node.loaded_at_field);
    add('External', node.external?.location);
    add('About the source', node.source_description);
  }
  if (isGraphNode(node)) {
    if (node.resource_type !== 'test') {
      add('Contract', node.contract.enforced ? 'enforced' : null);
      const shown =
        node.resource_type === 'snapshot'
          ? [...SNAPSHOT_CONFIG, ...SHOWN_CONFIG]
          : node.config.materialized === 'incremental'
            ? [...INCREMENTAL_CONFIG, ...SHOWN_CONFIG]
            : SHOWN_CONFIG;
      for (const key of shown) add(words(key), node.config[key]);
      add('Model version', node.version === node.latest_version ? null : `latest is v${node.latest_version}`);
      add('Deprecated on', node.deprecation_date);
    } else {
      add('Severity', node.config.severity);
      add('Only where', node.config.where);
      for (const [key, value] of Object.entries(node.test_metadata?.kwargs ?? {}))
        if (key !== 'model' && key !== 'column_name') add(words(key), value);
    }
  }
  for (const [key, value] of Object.entries({ ...configMeta(node), ...node.meta }))
    if (!HIDDEN_META.has(key)) add(words(key), value);
  return facts;
}

const INCREMENTAL_CONFIG = ['incremental_strategy', 'unique_key', 'on_schema_change'];
const SNAPSHOT_CONFIG = ['strategy', 'unique_key', 'updated_at', 'check_cols', 'hard_deletes'];
const SHOWN_CONFIG = ['partition_by', 'event_time', 'location'];
const HIDDEN_META = new Set(['owner', 'layer', 'dql', 'sla']);

const words = (key: string): string => {
  const spaced = key.replaceAll('_', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
};

function codeOf(node: SiteNode): Pick<ItemDetail, 'raw' | 'compiled' | 'language'> {
  if (node.resource_type === 'macro') return { raw: node.macro_sql, compiled: null, language: 'jinja' };
  if (node.resource_type === 'unit_test')
    return {
      raw: JSON.stringify({ given: node.given, expect: node.expect }, null, 2),
      compiled: null,
      language: 'text',
    };
  if (isDescribed(node)) return { raw: definitionOf(node), compiled: null, language: 'yaml' };
  if (!isGraphNode(node) || node.resource_type === 'seed') return { raw: null, compiled: null, language: 'text' };
  // What calls a generic test is nobody's writing.
  const isWritten = node.resource_type !== 'test' || !node.test_metadata;
  return { raw: (isWritten && node.raw_code) || null, compiled: node.compiled_code ?? null, language: 'sql' };
}

function linksOf(node: SiteNode, facts: SiteFacts): Readonly<Record<string, number>> {
  // Thousands of objects of other keys each: one without a prototype is a table from the start.
  const links: Record<string, number> = Object.create(null);
  for (const id of parentsOf(node)) {
    const position = facts.positionOf.get(id);
    const parent = position === undefined ? undefined : facts.nodes[position];
    if (position === undefined || !parent) continue;
    links[nameOf(parent)] = position;
    links[parent.name] ??= position;
    if (isRelation(parent) && parent.relation_name) links[parent.relation_name] = position;
  }
  for (const id of node.resource_type === 'source' ? [] : node.depends_on.macros) {
    const position = facts.positionOf.get(id);
    const macro = position === undefined ? undefined : facts.nodes[position];
    if (position !== undefined && macro) links[`${macro.name}(`] = position;
  }
  return links;
}

/** Queries of the project's own, which every build runs. */
function examplesOf(tests: readonly (GraphNode | UnitTestNode)[], facts: SiteFacts): ItemDetail['examples'] {
  return tests.flatMap((test) => {
    if (!isGraphNode(test) || !isExample(test)) return [];
    const position = facts.positionOf.get(test.unique_id);
    const title = plainText(test.description) || test.name.replaceAll('_', ' ');
    return position === undefined ? [] : [{ title, sql: plainlyNamed(test, facts), test: position }];
  });
}

/** Without the database, which is the file that the reader has opened. */
function plainlyNamed(test: GraphNode, facts: SiteFacts): string {
  const read = positions(parentsOf(test), facts).flatMap((position) => facts.nodes[position] ?? []);
  return read.filter(isRelation).reduce((sql, { relation_name: name, schema, ...node }) => {
    const plain = [schema, node.resource_type === 'source' ? node.identifier : node.alias].map(shownIdentifier);
    return name === null ? sql : sql.replaceAll(name, plain.join('.'));
  }, test.compiled_code ?? test.raw_code);
}

function lastOf(node: SiteNode, facts: SiteFacts): ItemDetail['last'] {
  const result = facts.resultOf.get(node.unique_id);
  if (!result) return null;
  const dql = result.meta.dql;
  const readNodes = () =>
    [...(isTest(node) ? testedBy(node) : [node.unique_id]), ...parentsOf(node)].flatMap((id) => {
      const known = facts.nodes[facts.positionOf.get(id) ?? -1];
      return known ? [{ id, columns: facts.columnsOf(known).map(({ name }) => name) }] : [];
    });
  return {
    status: result.status === 'skipped' ? result.status : outcomeOf(result),
    at: result.timing.at(-1)?.completed_at ?? facts.input.results?.metadata.generated_at ?? null,
    message: result.message,
    reason: dql.held?.reason ?? dql.reason ?? null,
    hint: saidIn(node, 'hint'),
    failures: dql.failures ?? result.failures,
    considered: dql.considered ?? null,
    sample: dql.sample ? withoutPersonalCells(dql.sample, readNodes(), facts.personal, figuresOf(node)) : null,
  };
}

/** What dbt's own tests call what they find: values of the column, and how many. */
const figuresOf = (node: SiteNode): Readonly<Record<string, string | null>> =>
  isGraphNode(node) && node.column_name && GROUPING.has(node.test_metadata?.name ?? '')
    ? { value_field: node.column_name, unique_field: node.column_name, n_records: null }
    : {};

const GROUPING = new Set(['unique', 'accepted_values']);

function freshnessOf(node: SiteNode, facts: SiteFacts): ItemDetail['freshness'] {
  const measured = facts.freshnessOf(node.unique_id);
  if (!measured) return null;
  return {
    status: measured.status,
    at: measured.max_loaded_at,
    measured: measured.snapshotted_at,
    expectation: measured.expectation,
  };
}

/** What a test's configuration tells people. */
function saidIn(node: SiteNode, key: 'description' | 'hint'): string | null {
  if (!isGraphNode(node) || node.resource_type !== 'test') return null;
  const said = node.config[key] ?? node.meta[key];
  return typeof said === 'string' ? said : null;
}

/** A sentence for a test nobody described. */
function describedTest(node: SiteNode): string {
  if (!isGraphNode(node) || node.resource_type !== 'test' || !node.test_metadata) return '';
  const { name, kwargs } = node.test_metadata;
  const column = node.column_name ? `\`${node.column_name}\`` : 'Every row';
  const list = (value: Json | undefined) =>
    Array.isArray(value) ? value.map((one) => `\`${one}\``).join(', ') : String(value);
  switch (name) {
    case 'not_null':
      return `${column} is never null.`;
    case 'unique':
      return `No value of ${column} occurs twice.`;
    case 'accepted_values':
      return `${column} is one of ${list(kwargs.values)}.`;
    case 'relationships':
      return `Every ${column} exists as \`${kwargs.field ?? ''}\` in \`${kwargs.to ?? ''}\`.`;
    default:
      return '';
  }
}

const isTest = (node: SiteNode): node is GraphNode | UnitTestNode =>
  node.resource_type === 'test' || node.resource_type === 'unit_test';

const htmlOrNull = (markdown: string): string | null => (markdown.trim() === '' ? null : safeHtml(markdown, 3));

const sameName = (a: string | null | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();
