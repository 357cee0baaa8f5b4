import { createHash } from 'node:crypto';
import type { NodeId } from '../../core/node-id.ts';
import { toValue } from '../../jinja/jinja.ts';
import type { Package, Project } from '../../project/project.ts';
import { EMPTY_GRAPH } from '../context/graph-value.ts';
import {
  checkLiteralReferences,
  checkNames,
  checkRelations,
  checkSettings,
  checkSharedNames,
} from '../links/checks.ts';
import { linkNodes } from '../links/link-nodes.ts';
import { linkSemantics } from '../links/link-semantics.ts';
import { checkQueryTests } from '../links/query-tests.ts';
import { Resolver } from '../links/resolver.ts';
import { MacroLibrary } from '../macros/macro-library.ts';
import type { CompileOptions } from '../options.ts';
import { versionColumns } from './columns.ts';
import { addDocs, addGroups, addPassedThrough } from './docs-and-groups.ts';
import { Draft } from './draft.ts';
import { addExposures } from './exposures.ts';
import { addGenericTests } from './generic-tests.ts';
import { addMacros, macroNodes } from './macros.ts';
import { addModels } from './models.ts';
import { NodeFactory } from './node-factory.ts';
import { addAnalyses, addHooks, addSeeds, addSingularTests, addSnapshots } from './other-sql.ts';
import { NodeEntries } from './property-entries.ts';
import { RelationNames } from './relation-names.ts';
import { addSources, type SourceEntry } from './sources.ts';
import { addUnitTests } from './unit-tests.ts';
import { addExamples } from './usage-examples.ts';

export interface ParsedNodes {
  readonly draft: Draft;
  readonly resolver: Resolver;
  readonly places: ReadonlyMap<NodeId, { readonly file: string; readonly offset: number }>;
}

/** Everything dbt does at parse time: macros, nodes, tests, names, links, checks. */
export function parseNodes(project: Project, options: CompileOptions): ParsedNodes {
  const dispatch = project.packages.flatMap((owner) => owner.settings.dispatch);
  const library = new MacroLibrary(project.root.name, dispatch);
  const graph = toValue(EMPTY_GRAPH);
  const draft = new Draft({ project, options, library, graph: () => graph });
  addMacros(draft);
  addDocs(draft);
  const factory = new NodeFactory(draft, worldHash(project, options, library));
  addGroups(factory);
  const sources: SourceEntry[] = [];
  const entries = new Map<Package, Entries>();
  for (const owner of project.packages) {
    addHooks(factory, owner);
    entries.set(owner, addPackage(factory, owner, entries.get(project.root)));
    sources.push(...addSources(factory, owner));
  }
  for (const [owner, own] of entries) reportUnused(draft, owner, own);
  for (const [owner, own] of entries) addEntriesTests(factory, owner, own);
  for (const entry of sources) addSourceTests(factory, entry);
  addExposures(factory);
  addUnitTests(factory);
  macroNodes(factory);
  addPassedThrough(factory);
  const names = new RelationNames(draft);
  for (const drafted of draft.nodes.values()) names.name(drafted);
  const resolver = new Resolver(
    project.root.name,
    [...draft.nodes.values()].map(({ node }) => node),
    [...draft.sources.values()].map(({ node }) => node),
    draft.disabled,
  );
  linkSemantics(draft, resolver);
  linkNodes(draft, resolver);
  checkQueryTests(draft);
  for (const { node, parsed } of draft.nodes.values())
    if (parsed !== null) {
      const macros = new Set(parsed.macros);
      for (const { name } of parsed.names) {
        const macro = library.findDotted(name, node.package_name);
        if (macro !== undefined) macros.add(macro.id);
      }
      if (macros.size > 0) node.depends_on = { macros: [...macros], nodes: node.depends_on.nodes };
    }
  checkNames(draft);
  checkSettings(draft);
  checkSharedNames(draft);
  checkRelations(draft);
  checkLiteralReferences(draft);
  const places = new Map<NodeId, { readonly file: string; readonly offset: number }>();
  for (const [id, drafted] of draft.nodes)
    if (drafted.offset !== undefined) places.set(id, { file: drafted.at.file, offset: drafted.offset });
  return { draft, resolver, places };
}

/** What property files say of the nodes of one package. */
interface Entries {
  readonly models: NodeEntries<Package['properties']['models'][number]['value']>;
  readonly seeds: NodeEntries<Package['properties']['seeds'][number]['value']>;
  readonly snapshots: NodeEntries<Package['properties']['snapshots'][number]['value']>;
  readonly analyses: NodeEntries<Package['properties']['analyses'][number]['value']>;
  readonly tests: NodeEntries<Package['properties']['dataTests'][number]['value']>;
}

/** All nodes with files of one package. */
function addPackage(factory: NodeFactory, owner: Package, project: Entries | undefined): Entries {
  const { draft } = factory;
  const { name, properties } = owner;
  const entries: Entries = {
    models: new NodeEntries(draft, 'model', name, properties.models, project?.models),
    seeds: new NodeEntries(draft, 'seed', name, properties.seeds, project?.seeds),
    snapshots: new NodeEntries(draft, 'snapshot', name, properties.snapshots, project?.snapshots),
    analyses: new NodeEntries(draft, 'analysis', name, properties.analyses),
    tests: new NodeEntries(draft, 'test', name, properties.dataTests),
  };
  addModels(factory, owner, entries.models);
  addSeeds(factory, owner, entries.seeds);
  addSnapshots(factory, owner, entries.snapshots);
  addAnalyses(factory, owner, entries.analyses);
  addSingularTests(factory, owner, entries.tests);
  return entries;
}

const ofAnotherKind = (draft: Draft, packageName: string, name: string): NodeId | undefined =>
  ['model', 'seed', 'snapshot'].map((kind) => `${kind}.${packageName}.${name}`).find((id) => draft.nodes.has(id));

function reportUnused(draft: Draft, { name: packageName, files }: Package, entries: Entries): void {
  const stems = (of: readonly { readonly stem: string }[]) => of.map(({ stem }) => stem);
  const snapshots = [...draft.nodes.values()].filter(({ node }) => node.resource_type === 'snapshot');
  const kindOf = (name: string) => ofAnotherKind(draft, packageName, name)?.split('.', 1)[0];
  entries.models.reportUnused(stems(files.models), kindOf);
  entries.seeds.reportUnused(stems(files.seeds), kindOf);
  entries.analyses.reportUnused(stems(files.analyses));
  entries.tests.reportUnused(stems(files.singularTests));
  entries.snapshots.reportUnused(
    snapshots.map(({ node }) => node.name),
    kindOf,
  );
}

/** The generic tests that one package writes, of its own nodes and, in the project itself, of those of packages. */
function addEntriesTests(factory: NodeFactory, owner: Package, { models, seeds, snapshots }: Entries): void {
  for (const entry of models.all()) addModelTests(factory, owner, entry, models.homeOf(entry.value.name));
  for (const [kind, type, entries] of [
    ['seeds', 'seed', seeds],
    ['snapshots', 'snapshot', snapshots],
  ] as const)
    for (const entry of entries.all()) {
      const { name } = entry.value;
      addPlainTests(factory, owner, kind, `${type}.${entries.homeOf(name)}.${name}`, entry);
    }
}

type ModelEntry = Package['properties']['models'][number];
type PlainEntry = Package['properties']['seeds'][number] | Package['properties']['snapshots'][number] | ModelEntry;

function addModelTests(factory: NodeFactory, owner: Package, entry: ModelEntry, home: string): void {
  const { name, versions } = entry.value;
  if (!versions || versions.length === 0) {
    addPlainTests(factory, owner, 'models', `model.${home}.${name}`, entry);
    return;
  }
  for (const [index, version] of versions.entries()) {
    const id = `model.${home}.${name}.v${version.v}`;
    const node = factory.draft.nodes.get(id)?.node;
    const isOwn = version.data_tests !== undefined && version.data_tests !== null;
    addGenericTests(factory, {
      owner,
      properties: entry,
      path: isOwn ? ['versions', index] : [],
      fileKey: `models.${name}`,
      testName: `${name}_v${version.v}`,
      reference: `ref('${name}', version='${version.v}')`,
      isSource: false,
      refs: [{ name, package: null, version: version.v }],
      sources: [],
      attachedNode: id,
      model: node,
      group: node?.group ?? null,
      enabled: node !== undefined,
      tags: [],
      items: isOwn ? version.data_tests : entry.value.data_tests,
      columns: versionColumns(entry.value.columns ?? [], version.columns),
    });
    if (node?.version === node?.latest_version) addExamples(factory, owner, entry, id);
  }
}

function addPlainTests(factory: NodeFactory, owner: Package, kind: string, meant: NodeId, entry: PlainEntry): void {
  const { name } = entry.value;
  // As in dbt, who describes a seed under `models:` has its tests, and nothing else of it.
  const id = factory.draft.nodes.has(meant) ? meant : (ofAnotherKind(factory.draft, owner.name, name) ?? meant);
  const node = factory.draft.nodes.get(id)?.node;
  addGenericTests(factory, {
    owner,
    properties: entry,
    path: [],
    fileKey: `${kind}.${name}`,
    testName: name,
    reference: `ref('${name}')`,
    isSource: false,
    refs: [{ name, package: null, version: null }],
    sources: [],
    attachedNode: id,
    model: node,
    group: node?.group ?? null,
    enabled: node !== undefined,
    tags: [],
    items: entry.value.data_tests,
    columns: entry.value.columns,
  });
  addExamples(factory, owner, entry, id);
}

function addSourceTests(factory: NodeFactory, { node, owner, properties, table, index }: SourceEntry): void {
  const source = properties.value.name;
  addGenericTests(factory, {
    owner,
    properties,
    path: ['tables', index],
    fileKey: `sources.${source}`,
    testName: `${source}_${table.name}`,
    reference: `source('${source}', '${table.name}')`,
    isSource: true,
    refs: [],
    sources: [[source, table.name]],
    attachedNode: null,
    group: null,
    enabled: factory.draft.sources.has(node.unique_id),
    tags: node.tags,
    items: table.data_tests,
    columns: table.columns,
  });
}

/** Fingerprint of what a rendered template's facts depend on, beside its text and the environment it reads. */
function worldHash(project: Project, options: CompileOptions, library: MacroLibrary): string {
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([
      project.vars,
      project.target,
      options.flags,
      project.packages.map(({ configTrees }) => configTrees),
    ]),
  );
  for (const macro of library.all()) hash.update(macro.block.text);
  return hash.digest('hex');
}
