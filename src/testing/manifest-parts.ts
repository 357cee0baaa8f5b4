/** Manifest nodes from a few words, for tests that need a manifest but no project. */
import type {
  AnyNode,
  Constraint,
  ExposureNode,
  GraphNode,
  MacroNode,
  Manifest,
  ManifestColumn,
  SourceNode,
  UnitTestNode,
} from '../compile/manifest.ts';
import type { Json, NodeId } from '../core/node-id.ts';

export const PACKAGE = 'flights';

/** `'flight_id bigint The flight. #pii !unique'`: name, type, description, tags, constraints. */
export function column(line: string): ManifestColumn {
  const [name = '', type = '', ...words] = line.split(' ');
  return {
    name,
    data_type: type === '-' ? null : type,
    description: words.filter((word) => !/^[#!]\w/.test(word)).join(' '),
    meta: {},
    tags: words.filter((word) => /^#\w/.test(word)).map((word) => word.slice(1)),
    constraints: words.filter((word) => /^!\w/.test(word)).map((word) => constraint(word.slice(1))),
    quote: null,
    config: {},
  };
}

const constraint = (type: string): Constraint => ({
  // Fixtures spell the known types.
  type: type as Constraint['type'],
  name: null,
  expression: null,
  columns: [],
  to: null,
  to_columns: [],
  warn_unenforced: true,
  warn_unsupported: true,
});

export const columns = (lines: readonly string[]): Readonly<Record<string, ManifestColumn>> =>
  Object.fromEntries(lines.map((line) => column(line)).map((one) => [one.name, one]));

export function graphNode(
  type: GraphNode['resource_type'],
  name: string,
  path: string,
  sql: string,
  more: Partial<GraphNode> = {},
): GraphNode {
  const folder = type === 'test' ? 'tests' : type === 'seed' ? 'seeds' : type === 'snapshot' ? 'snapshots' : 'models';
  const ending = type === 'seed' ? 'csv' : 'sql';
  const stored = type === 'model' || type === 'seed' || type === 'snapshot';
  return {
    unique_id: `${type}.${PACKAGE}.${name}`,
    resource_type: type,
    name,
    package_name: PACKAGE,
    path: `${path}${name}.${ending}`,
    original_file_path: `${folder}/${path}${name}.${ending}`,
    fqn: [PACKAGE, ...path.split('/').filter((part) => part !== ''), name],
    description: '',
    meta: {},
    tags: [],
    alias: name,
    database: 'warehouse',
    schema: 'main',
    relation_name: stored ? `"warehouse"."main"."${name}"` : null,
    checksum: { name: 'sha256', checksum: '' },
    config: { enabled: true, materialized: type === 'model' ? 'table' : type, tags: [], meta: {} },
    unrendered_config: {},
    columns: {},
    raw_code: sql,
    language: 'sql',
    refs: [],
    sources: [],
    metrics: [],
    depends_on: { nodes: [], macros: [] },
    compiled: true,
    compiled_code: compiled(sql),
    compiled_path: null,
    build_path: null,
    extra_ctes: [],
    extra_ctes_injected: true,
    contract: { enforced: false, alias_types: true, checksum: null },
    constraints: [],
    primary_key: [],
    access: 'protected',
    group: null,
    version: null,
    latest_version: null,
    deprecation_date: null,
    docs: { show: true, node_color: null },
    doc_blocks: [],
    patch_path: null,
    created_at: 0,
    ...more,
  };
}

/** What a fixture's template becomes: only references are rendered. */
const compiled = (sql: string): string =>
  sql
    .replace(/\{\{ config\([^}]*\}\}\n*/g, '')
    .replace(/\{\{ ref\('(\w+)'\) \}\}/g, '"warehouse"."main"."$1"')
    .replace(/\{\{ source\('(\w+)', '(\w+)'\) \}\}/g, '"warehouse"."$1"."$2"');

export function source(name: string, table: string, more: Partial<SourceNode> = {}): SourceNode {
  return {
    unique_id: `source.${PACKAGE}.${name}.${table}`,
    resource_type: 'source',
    name: table,
    source_name: name,
    package_name: PACKAGE,
    path: 'models/sources.yml',
    original_file_path: 'models/sources.yml',
    fqn: [PACKAGE, name, table],
    description: '',
    source_description: '',
    meta: {},
    tags: [],
    loader: '',
    identifier: table,
    database: 'warehouse',
    schema: name,
    relation_name: `"warehouse"."${name}"."${table}"`,
    quoting: {},
    loaded_at_field: null,
    loaded_at_query: null,
    freshness: null,
    external: null,
    columns: {},
    source_meta: {},
    config: { enabled: true },
    unrendered_config: {},
    patch_path: null,
    created_at: 0,
    ...more,
  };
}

export function exposure(name: string, dependsOn: readonly NodeId[], more: Partial<ExposureNode> = {}): ExposureNode {
  return {
    unique_id: `exposure.${PACKAGE}.${name}`,
    resource_type: 'exposure',
    name,
    package_name: PACKAGE,
    path: 'exposures.yml',
    original_file_path: 'models/exposures.yml',
    fqn: [PACKAGE, name],
    description: '',
    meta: {},
    tags: [],
    type: 'dashboard',
    owner: {},
    label: null,
    maturity: null,
    url: null,
    depends_on: { nodes: dependsOn, macros: [] },
    refs: [],
    sources: [],
    config: { enabled: true },
    created_at: 0,
    ...more,
  };
}

export function unitTest(
  name: string,
  model: GraphNode,
  { given, expect }: Pick<UnitTestNode, 'given' | 'expect'>,
): UnitTestNode {
  return {
    unique_id: `unit_test.${PACKAGE}.${model.name}.${name}`,
    resource_type: 'unit_test',
    name,
    model: model.name,
    package_name: PACKAGE,
    path: 'unit_tests.yml',
    original_file_path: 'models/unit_tests.yml',
    fqn: [PACKAGE, model.name, name],
    description: '',
    meta: {},
    tags: [],
    given,
    expect,
    overrides: null,
    depends_on: { nodes: [model.unique_id], macros: [] },
    config: {},
    version: null,
    checksum: '',
    created_at: 0,
  };
}

export function macro(
  name: string,
  sql: string,
  description: string,
  documented: MacroNode['arguments'] = [],
): MacroNode {
  return {
    unique_id: `macro.${PACKAGE}.${name}`,
    resource_type: 'macro',
    name,
    package_name: PACKAGE,
    path: `macros/${name}.sql`,
    original_file_path: `macros/${name}.sql`,
    macro_sql: sql,
    depends_on: { macros: [] },
    description,
    meta: {},
    docs: { show: true, node_color: null },
    patch_path: null,
    arguments: documented,
    created_at: 0,
    supported_languages: null,
  };
}

/** A generic test on a node, or on one of its columns. */
export function dataTest(
  kind: string,
  node: GraphNode | SourceNode,
  columnName: string | null,
  kwargs: Readonly<Record<string, Json>> = {},
  more: Partial<GraphNode> = {},
): GraphNode {
  const on =
    node.resource_type === 'source' ? `source_${kind}_${node.source_name}_${node.name}` : `${kind}_${node.name}`;
  const name = columnName === null ? on : `${on}_${columnName}`;
  const where =
    kind === 'not_null'
      ? `where ${columnName} is null`
      : kind === 'unique'
        ? `group by ${columnName}\nhaving count(*) > 1`
        : `where not (${kind}(${columnName ?? '*'}))`;
  return graphNode('test', name, '', `select *\nfrom ${node.relation_name}\n${where}`, {
    unique_id: `test.${PACKAGE}.${name}.5c9bf9911d`,
    raw_code: `{{ test_${kind}(**_dbt_generic_test_kwargs) }}`,
    attached_node: node.unique_id,
    column_name: columnName,
    test_metadata: {
      name: kind,
      namespace: null,
      kwargs: { ...kwargs, ...(columnName !== null && { column_name: columnName }) },
    },
    depends_on: { nodes: [node.unique_id], macros: [] },
    config: { enabled: true, materialized: 'test', tags: [], meta: {}, severity: 'ERROR' },
    ...more,
  });
}

export interface ManifestParts {
  readonly nodes: readonly AnyNode[];
  readonly macros?: readonly MacroNode[];
  readonly groups?: Manifest['groups'];
  readonly overview?: string;
  readonly semantics?: Partial<Pick<Manifest, 'metrics' | 'semantic_models' | 'saved_queries'>>;
}

export function manifestOf({ nodes, macros = [], groups = {}, overview, semantics }: ManifestParts): Manifest {
  const parents = nodes.map((node) => [node.unique_id, 'depends_on' in node ? node.depends_on.nodes : []] as const);
  const children = new Map<NodeId, NodeId[]>(nodes.map((node) => [node.unique_id, []]));
  for (const [id, ends] of parents) for (const end of ends) children.get(end)?.push(id);
  const byId = <T extends { readonly unique_id: NodeId }>(all: readonly T[]): Readonly<Record<NodeId, T>> =>
    Object.fromEntries(all.map((one) => [one.unique_id, one]));
  const isGraph = (node: AnyNode): node is GraphNode =>
    !['source', 'exposure', 'unit_test'].includes(node.resource_type);
  return {
    metadata: { project_name: PACKAGE },
    nodes: byId(nodes.filter(isGraph)),
    sources: byId(nodes.filter((node): node is SourceNode => node.resource_type === 'source')),
    exposures: byId(nodes.filter((node): node is ExposureNode => node.resource_type === 'exposure')),
    unit_tests: byId(nodes.filter((node): node is UnitTestNode => node.resource_type === 'unit_test')),
    macros: byId(macros),
    docs:
      overview === undefined
        ? {}
        : {
            [`doc.${PACKAGE}.__overview__`]: {
              unique_id: `doc.${PACKAGE}.__overview__`,
              resource_type: 'doc',
              name: '__overview__',
              package_name: PACKAGE,
              path: 'overview.md',
              original_file_path: 'models/overview.md',
              block_contents: overview,
            },
          },
    groups,
    metrics: {},
    semantic_models: {},
    saved_queries: {},
    ...semantics,
    functions: {},
    selectors: {},
    disabled: {},
    parent_map: Object.fromEntries(parents),
    child_map: Object.fromEntries(children),
    group_map: {},
  };
}
