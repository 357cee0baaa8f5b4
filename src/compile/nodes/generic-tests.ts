import { didYouMean } from '../../core/nearest.ts';
import type { Json, NodeId } from '../../core/node-id.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import type { Span } from '../../core/source.ts';
import { type DataTest, readDataTest } from '../../project/data-test.ts';
import type { ColumnProperties, DataTestItem, JsonObject, Located, Package } from '../../project/project.ts';
import { callInText } from '../data-tests/call-in-text.ts';
import { genericTestHash, genericTestNames } from '../data-tests/generic-test-name.ts';
import { INTERNAL_PACKAGE, type Macro } from '../macros/macro-library.ts';
import type { GraphNode } from '../manifest.ts';
import type { RenderedFacts } from '../templates/parse-sql.ts';
import { blankNode } from './blank-node.ts';
import { isMap, textList } from './columns.ts';
import { contractTests } from './contract-tests.ts';
import { type DraftNode, ownId } from './draft.ts';
import { mergeCalls } from './node-config.ts';
import type { NodeFactory } from './node-factory.ts';
import { testMacroFacts } from './test-macro-facts.ts';

/** What a generic test is about. */
export interface TestTarget {
  readonly owner: Package;
  readonly properties: Located<{ readonly name: string }>;
  /** Path inside the entry where this target stands: `[]`, `['versions', 1]`, `['tables', 0]`. */
  readonly path: readonly (string | number)[];
  /** `models.orders`, `sources.raw`. */
  readonly fileKey: string;
  /** The name in test names: `orders`, `orders_v2`, `raw_events`. */
  readonly testName: string;
  /** `ref('orders')`, `source('raw', 'events')`. */
  readonly reference: string;
  readonly isSource: boolean;
  readonly refs: GraphNode['refs'];
  readonly sources: GraphNode['sources'];
  readonly attachedNode: NodeId | null;
  readonly group: string | null;
  /** A disabled or missing target takes its tests with it. */
  readonly enabled: boolean;
  readonly tags: readonly string[];
  readonly items: readonly DataTestItem[] | null | undefined;
  readonly columns: readonly ColumnProperties[] | null | undefined;
  /** The model, for what its contract asks. */
  readonly model?: GraphNode | undefined;
}

/** All tests of one target: its own, those of its columns, and those of its contract. */
export function addGenericTests(factory: NodeFactory, target: TestTarget): void {
  for (const [index, item] of (target.items ?? []).entries())
    addTest(factory, target, item, () => [...target.path, 'data_tests', index], null);
  for (const [position, column] of (target.columns ?? []).entries())
    for (const [index, item] of (column.data_tests ?? []).entries())
      addTest(factory, target, item, () => [...target.path, 'columns', position, 'data_tests', index], column);
  if (target.model?.contract.enforced) addContractTests(factory, target, target.model);
}

function addContractTests(factory: NodeFactory, target: TestTarget, model: GraphNode): void {
  const columns = target.columns ?? [];
  for (const found of contractTests(model)) {
    const { column, index } = found.constraint;
    const position = columns.findIndex(({ name }) => name === column);
    const path = () => [...target.path, ...(column === null ? [] : ['columns', position]), 'constraints', index];
    if ('item' in found) {
      const about =
        columns.find(({ name }) => name === found.column) ?? (found.column === null ? null : { name: found.column });
      addTest(factory, target, found.item, path, about, 'contract_');
    } else
      factory.draft.report({
        code: 'compile/unchecked-constraint',
        severity: found.severity,
        message: `\`${model.name}\`: ${found.message}`,
        at: target.properties.span(path()),
        hint: found.hint,
      });
  }
}

function addTest(
  factory: NodeFactory,
  target: TestTarget,
  item: DataTestItem,
  path: () => readonly (string | number)[],
  column: ColumnProperties | null,
  prefix = '',
): void {
  const { draft } = factory;
  const { properties, owner } = target;
  const read = readDataTest(item);
  if ('problem' in read) {
    draft.report({
      code: 'compile/wrong-test',
      message: read.problem,
      at: properties.span(path()),
      hint: read.hint,
    });
    return;
  }
  const at = (inner: readonly string[]) => properties.span([...path(), ...inner]);
  const dot = read.test.indexOf('.');
  const namespace = dot < 0 ? null : read.test.slice(0, dot);
  const name = read.test.slice(dot + 1);
  const macro = testMacro(factory, owner, namespace, name);
  if (macro === undefined && !draft.world.options.knownChecks.has(read.test)) {
    reportUnknown(factory, owner, read.test, properties.span(path()));
    return;
  }
  if (macro === undefined) {
    const written = column === null ? read.arguments : { ...read.arguments, column_name: column.name };
    for (const wrong of draft.world.options.knownChecks.complaints?.(read.test, written, read.config) ?? [])
      draft.report({ ...wrong, at: properties.span(path()) });
  }
  const columnName = column === null ? null : column.quote === true ? quotedIdentifier(column.name) : column.name;
  const kwargs: Record<string, Json> = {};
  // dbt puts the column's name between arguments written beside the test and those under `arguments:`; names and hashes sort them.
  Object.assign(kwargs, read.arguments, columnName === null ? {} : { column_name: columnName });
  const model = `{{ get_where_subquery(${target.reference}) }}`;
  const parts = { name, namespace, kwargs, model, columnName, column, at, prefix, macro };
  const { node, facts } = testNode(factory, target, read, parts);
  const references = referencesOf(factory, kwargs, at);
  node.refs = withMore(
    [...references.refs, ...target.refs],
    facts?.refs.map(({ at: _, ...ref }) => ref),
  );
  node.sources = withMore(
    [...references.sources, ...target.sources],
    facts?.sources.map(({ source, table }) => [source, table] as const),
  );
  node.depends_on = {
    macros: macro === undefined ? dbtMacro(namespace, name) : [...new Set([macro.id, ...(facts?.macros ?? [])])],
    nodes: [],
  };
  const drafted: DraftNode = {
    node,
    // Looked up only when something is wrong: there are many tests, and finding a place in YAML takes time.
    get at() {
      return properties.span(path());
    },
    parsed: null,
    refSpans: [],
    sourceSpans: [],
  };
  if (!target.enabled) draft.disable(node);
  else draft.addNode(drafted, 'test');
}

interface TestParts {
  readonly name: string;
  readonly namespace: string | null;
  readonly kwargs: JsonObject;
  readonly model: string;
  readonly columnName: string | null;
  readonly column: ColumnProperties | null;
  readonly at: (path: readonly string[]) => Span;
  /** Before the name, where another test of the same name may stand beside it. */
  readonly prefix: string;
  /** What the project or a package defines it with. */
  readonly macro: Macro | undefined;
}

/** References and those of `more` that are not among them. */
function withMore<T>(references: readonly T[], more: readonly T[] = []): readonly T[] {
  const known = new Set(references.map((reference) => JSON.stringify(reference)));
  return [...references, ...more.filter((reference) => !known.has(JSON.stringify(reference)))];
}

/** What the test's macro says of itself; undefined for a test of ours. */
function factsOf(
  factory: NodeFactory,
  target: TestTarget,
  { macro, kwargs }: TestParts,
  config: JsonObject,
): RenderedFacts | undefined {
  if (macro === undefined) return undefined;
  const { owner, properties } = target;
  return testMacroFacts(macro, kwargs, target.properties.value.name, properties.file, {
    world: factory.draft.world,
    packageName: owner.name,
    name: macro.name,
    model: () => ({}),
    config: (calls) => mergeCalls('data_tests', calls, config),
    merge: (before, call) => mergeCalls('data_tests', before, call),
    worldHash: '',
  });
}

function testNode(factory: NodeFactory, target: TestTarget, read: DataTest, parts: TestParts) {
  const { owner, properties } = target;
  const prefixed = `${parts.prefix}${target.isSource ? 'source_' : ''}${parts.name}`;
  const names =
    read.name === undefined
      ? genericTestNames(
          parts.namespace === null ? prefixed : `${parts.namespace}_${prefixed}`,
          target.testName,
          parts.kwargs,
        )
      : { short: read.name, full: read.name };
  const inside = owner.folder === '' ? properties.file : properties.file.slice(owner.folder.length + 1);
  const fqn = [owner.name, ...inside.split('/').slice(1, -1), names.full];
  const rendered = factory.texts.config('data_tests', read.config, owner.name, () => parts.at(read.configPath));
  const aliased =
    names.short !== names.full && rendered['alias'] === undefined ? { ...rendered, alias: names.short } : rendered;
  const facts = factsOf(factory, target, parts, aliased);
  const own = facts?.config ?? {};
  const merged = factory.configs.for({
    kind: 'data_tests',
    package: owner.name,
    fqn,
    properties: undefined,
    // What is written beside the test wins over what its macro says of all.
    file: {
      rendered: mergeCalls('data_tests', own, aliased),
      unrendered: mergeCalls('data_tests', own, read.config),
    },
  });
  const metadata = { name: parts.name, kwargs: { ...parts.kwargs, model: parts.model }, namespace: parts.namespace };
  const hash = genericTestHash(names.full, metadata);
  const node = blankNode({
    resource_type: 'test',
    unique_id: `test.${owner.name}.${ownId(merged.config) ?? `${names.full}.${hash}`}`,
    name: names.full,
    package_name: owner.name,
    path: `${names.short}.sql`,
    original_file_path: inside,
    fqn,
    raw_code: rawCode(parts, aliased),
    checksum: EMPTY_CHECKSUM,
    config: storing(merged.config),
    unrendered_config: merged.unrendered,
    created_at: factory.createdAt,
  });
  const columnTags = parts.column === null ? [] : textList(parts.column.config?.['tags']);
  const ownTags = textList(aliased['tags']);
  node.tags = [...new Set([...[...new Set([...target.tags, ...columnTags, ...ownTags])].sort(), ...node.config.tags])];
  node.description = factory.texts.describe(read.description, owner.name, () => parts.at(read.configPath)).text;
  node.test_metadata = metadata;
  node.column_name = parts.column?.name ?? null;
  node.attached_node = target.attachedNode;
  node.file_key_name = target.fileKey;
  node.group = node.group ?? target.group;
  node.patch_path = null;
  return { node, facts };
}

/** What macros look for to know a test by: dbt's own four are macros there. */
const dbtMacro = (namespace: string | null, test: string): readonly NodeId[] =>
  (namespace ?? INTERNAL_PACKAGE) === INTERNAL_PACKAGE && DBT_TESTS.has(test)
    ? [`macro.${INTERNAL_PACKAGE}.test_${test}`]
    : [];

const DBT_TESTS: ReadonlySet<string> = new Set(['unique', 'not_null', 'accepted_values', 'relationships']);

const EMPTY_CHECKSUM = { name: 'none', checksum: '' } as const;

/** `store_failures_as` decides about `store_failures`; without it `store_failures` means a table. */
function storing(config: GraphNode['config']): GraphNode['config'] {
  const { store_failures: store, store_failures_as: as } = config;
  if (typeof as === 'string') return { ...config, store_failures: as !== 'ephemeral' };
  if (typeof store === 'boolean') return { ...config, store_failures_as: store ? 'table' : 'ephemeral' };
  return config;
}

/** The call dbt would render for the test; its text counts for state comparison. */
function rawCode({ name, namespace }: TestParts, config: JsonObject): string {
  const macro = namespace === null ? `test_${name}` : `${namespace}.test_${name}`;
  const settings = Object.entries(config)
    .filter(([, value]) => value !== null)
    .map(
      ([key, value]) =>
        `${key}=${typeof value === 'string' ? `"${value.replaceAll('"', '\\"')}"` : JSON.stringify(value)}`,
    );
  return `{{ ${macro}(**_dbt_generic_test_kwargs) }}${settings.length === 0 ? '' : `{{ config(${settings.join(',')}) }}`}`;
}

/** A test the project or a package defines; it goes before a built-in check of the same name. */
export function testMacro(
  factory: NodeFactory,
  owner: Package,
  namespace: string | null,
  name: string,
): Macro | undefined {
  const { library } = factory.draft.world;
  const wanted = `test_${name}`;
  if (namespace !== null) return library.in(namespace, wanted);
  return library.plain(wanted, owner.name);
}

function reportUnknown(factory: NodeFactory, owner: Package, test: string, at: Span): void {
  const { library, options } = factory.draft.world;
  const known = [...options.knownChecks.names];
  for (const packageName of library.packages())
    for (const name of library.namesIn(packageName))
      if (name.startsWith('test_') && packageName !== INTERNAL_PACKAGE) {
        const plain = name.slice('test_'.length);
        known.push(packageName === owner.name ? plain : `${packageName}.${plain}`);
      }
  factory.draft.report({
    code: 'compile/unknown-test',
    message: `there is no data test \`${test}\``,
    at,
    hint:
      didYouMean(test, known) ??
      `define it: {% test ${test.replace(/^.*\./, '')}(model, column_name) %} … {% endtest %}`,
  });
}

/** refs and sources in a test's arguments, in the order of the arguments. */
function referencesOf(
  factory: NodeFactory,
  kwargs: JsonObject,
  at: (path: readonly string[]) => Span,
): Pick<GraphNode, 'refs' | 'sources'> {
  const refs: GraphNode['refs'][number][] = [];
  const sources: (readonly [string, string])[] = [];
  const visit = (value: Json): void => {
    if (typeof value === 'string') {
      if (!LOOKS_LIKE_CALL.test(value)) return;
      const call = callInText(value);
      if (call?.kind === 'ref') refs.push({ name: call.name, package: call.package, version: call.version });
      else if (call?.kind === 'source') sources.push([call.source, call.table]);
      else if (call === undefined && value.includes('{{')) {
        const found = factory.texts.references(value, () => at([]));
        refs.push(...found.refs.map(({ name, package: from, version }) => ({ name, package: from, version })));
        sources.push(...found.sources.map(({ source, table }) => [source, table] as const));
      }
    } else if (Array.isArray(value)) for (const item of value) visit(item);
    else if (isMap(value)) for (const inner of Object.values(value)) visit(inner);
  };
  for (const [key, value] of Object.entries(kwargs)) if (key !== 'column_name') visit(value);
  return { refs, sources };
}

const LOOKS_LIKE_CALL = /\{\{|^\s*(?:ref|source)\s*\(/;
