/** The manifest and the catalogue as the site shows them: what was asked for, with SQL to copy and what columns inherit. */
import type { GraphNode, Manifest, ManifestColumn } from '../../compile/manifest.ts';
import { DqlError } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import { readArtifact } from '../../disk/read-artifact.ts';
import type { Catalog } from '../../docs/docs.ts';
import { type InheritedFacts, inheritedKey } from '../../docs/site-input.ts';
import { type ColumnGraph, inheritedDescriptions } from '../../lineage/column-graph.ts';
import type { ProjectLineage } from '../columns/column-lineage.ts';
import type { CommonOptions } from '../contract.ts';
import { chooseNodes } from '../opening/choose-nodes.ts';
import { labelOf } from '../opening/label-of.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { inheritedTests } from '../tests/inherited-tests.ts';

/** The part of the project that was asked for; without `--select` and `--exclude` all of it. */
export function selected(manifest: Manifest, opened: OpenedProject, options: CommonOptions): Manifest {
  const asked = [...options.select, ...options.exclude, ...options.resourceTypes, ...options.excludeResourceTypes];
  if (asked.length === 0 && options.selector === undefined) return manifest;
  const { ids } = chooseNodes(opened, options, undefined, true);
  const kept = <T>(nodes: Readonly<Record<NodeId, T>>): Readonly<Record<NodeId, T>> =>
    Object.fromEntries(Object.entries(nodes).filter(([id]) => ids.has(id)));
  const { sources, exposures, unit_tests, metrics, semantic_models, saved_queries, functions, groups } = manifest;
  const nodes = kept(manifest.nodes);
  const named = new Set(Object.values(nodes).map(({ group }) => group));
  return {
    ...manifest,
    nodes,
    sources: kept(sources),
    exposures: kept(exposures),
    unit_tests: kept(unit_tests),
    metrics: kept(metrics),
    semantic_models: kept(semantic_models),
    saved_queries: kept(saved_queries),
    functions: kept(functions),
    groups: Object.fromEntries(Object.entries(groups).filter(([, { name }]) => named.has(name))),
  };
}

/** With the SQL people may copy: paths as seen from the project's folder, not those of this machine. */
export function withCode(manifest: Manifest, compiled: ReadonlyMap<NodeId, string>, folder: string): Manifest {
  const nodes = Object.entries(manifest.nodes).map(([id, node]) => {
    const sql = compiled.get(id)?.replaceAll(`${folder}/`, '');
    return [id, sql === undefined ? node : { ...node, compiled: true, compiled_code: sql }];
  });
  return { ...manifest, nodes: Object.fromEntries(nodes) };
}

export function lastManifest({ targetFolder }: OpenedProject): Manifest {
  const manifest = readArtifact<Manifest>(targetFolder, 'manifest.json');
  if (manifest) return manifest;
  throw new DqlError([
    {
      code: 'docs/no-manifest',
      severity: 'error',
      message: '--no-compile uses the manifest of the last command, and there is none in the target folder',
      hint: 'leave --no-compile away',
    },
  ]);
}

/** Columns nobody described are described as where they are copied from. */
export function withInheritedDescriptions(
  manifest: Manifest,
  graph: ColumnGraph,
): { readonly shown: Manifest; readonly describedBy: ReadonlyMap<string, string> } {
  const columnOf = (node: { readonly columns: Readonly<Record<string, ManifestColumn>> } | undefined, name: string) =>
    node && Object.entries(node.columns).find(([, column]) => column.name.toLowerCase() === name.toLowerCase());
  const inherited = inheritedDescriptions(
    graph,
    ({ id, column }) => columnOf(manifest.nodes[id] ?? manifest.sources[id], column)?.[1].description,
  );
  const nodes: Record<NodeId, GraphNode> = { ...manifest.nodes };
  const describedBy = new Map<string, string>();
  for (const { column, from, value } of inherited) {
    const node = nodes[column.id];
    if (!node) continue;
    const [key, known] = columnOf(node, column.column) ?? [column.column, undefined];
    const blank: ManifestColumn = {
      name: column.column,
      description: '',
      data_type: null,
      meta: {},
      tags: [],
      constraints: [],
      quote: null,
      config: {},
    };
    const filled = { ...(known ?? blank), description: value };
    nodes[column.id] = { ...node, columns: { ...node.columns, [key]: filled } };
    describedBy.set(inheritedKey(column.id, column.column), `${labelOf(manifest, from.id)}.${from.column}`);
  }
  return { shown: { ...manifest, nodes }, describedBy };
}

/** By column, what it has from those it is copied from. */
export function inheritedFacts(
  manifest: Manifest,
  lineage: ProjectLineage,
  describedBy: ReadonlyMap<string, string>,
): ReadonlyMap<string, InheritedFacts> {
  const found = new Map<string, InheritedFacts>();
  for (const [key, from] of describedBy) found.set(key, { describedBy: from, tests: [] });
  for (const [id, claims] of inheritedTests(manifest, lineage))
    for (const { columns, because } of claims)
      for (const column of columns) {
        const key = inheritedKey(id, column);
        const known = found.get(key);
        found.set(key, { ...known, tests: [...new Set([...(known?.tests ?? []), ...because])] });
      }
  return found;
}

/** The site shows columns of what was not built yet, too: the binder knows them. catalog.json says only what is there. */
export function withUnbuilt(catalog: Catalog, manifest: Manifest, { columns }: ProjectLineage): Catalog {
  const nodes = { ...catalog.nodes };
  const sources = { ...catalog.sources };
  for (const [id, known] of columns) {
    const node = manifest.nodes[id] ?? manifest.sources[id];
    if (!node || id in nodes || id in sources) continue;
    const isSource = node.resource_type === 'source';
    (isSource ? sources : nodes)[id] = {
      unique_id: id,
      metadata: {
        type: isSource ? 'external' : node.config.materialized,
        schema: node.schema,
        name: isSource ? node.identifier : node.alias,
        database: node.database,
        comment: null,
        owner: null,
      },
      columns: Object.fromEntries(
        known.map(({ name, type }, index) => [name, { name, type, index: index + 1, comment: null }]),
      ),
      stats: {},
    };
  }
  return { ...catalog, nodes, sources };
}
