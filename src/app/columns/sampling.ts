/** What is known of how the sources of a sampled target hang together, so that joins and `relationships` tests survive the sample. */
import type { GraphNode, Manifest } from '../../compile/manifest.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { ColumnGraph } from '../../lineage/column-graph.ts';
import { count } from '../../report/amounts.ts';
import type { CommonOptions } from '../contract.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import type { LiveWarehouse } from '../warehouse/live-warehouse.ts';
import {
  type Sampling,
  type SourceColumn,
  type SourceLink,
  sampleKeyOf,
  sampleRoot,
  sampleRules,
} from '../warehouse/sampled-rows.ts';
import { columnLineage } from './column-lineage.ts';

/**
 * Undefined where the target is not sampled. Links are the `relationships` tests between sources, and between models whose columns are
 * copies of sources' columns, which column lineage tells.
 */
export async function samplingOf(
  opened: OpenedProject,
  options: CommonOptions,
  live: LiveWarehouse,
): Promise<Sampling | undefined> {
  const { manifest, project } = opened;
  const percent = project.target.sample;
  if (percent === undefined || percent >= 100) return undefined;
  const references = Object.values(manifest.nodes).flatMap((node) => referenceOf(node) ?? []);
  const isBetweenModels = ({ from, to }: Reference) =>
    !(from.id in manifest.sources && to.id in manifest.sources) &&
    [from, to].every(({ id }) => sourcesOf(manifest, id).some((source) => sampleKeyOf(manifest, source) === undefined));
  const origins = references.some(isBetweenModels)
    ? originsIn(manifest, (await columnLineage(opened, options, live)).graph)
    : (column: Column) => (column.id in manifest.sources ? { source: column.id, column: column.column } : undefined);
  const links = references.flatMap(({ from, to }): readonly SourceLink[] => {
    const [source, target] = [origins(from), origins(to)];
    return source && target && (source.source !== target.source || !sameColumn(source, target))
      ? [{ from: source, to: target }]
      : [];
  });
  return { percent, rules: sampleRules(manifest, links, uniqueColumns(manifest)) };
}

/** Tests that compare rows of sources that are sampled one by one. */
export function sampledApart(
  manifest: Manifest,
  sampling: Sampling,
  selected: ReadonlySet<NodeId>,
): readonly Diagnostic[] {
  const rootsOf = (id: NodeId) =>
    new Set(sourcesOf(manifest, id).flatMap((source) => sampleRoot(sampling, manifest, source) ?? []));
  const apart = [...selected].flatMap((id) => {
    const node = manifest.nodes[id];
    const reference = node && referenceOf(node);
    if (!reference) return [];
    const own = rootsOf(reference.from.id);
    return [...rootsOf(reference.to.id)].every((root) => own.has(root)) ? [] : [node];
  });
  const [first] = apart;
  if (!first) return [];
  return [
    {
      code: 'app/sampled-apart',
      severity: 'warning',
      message: `\`sample: ${sampling.percent}%\` takes rows of each source by themselves, so ${apart.length === 1 ? `test \`${first.name}\` misses` : `${count(apart.length, 'test')}, such as \`${first.name}\`, miss`} rows that are there`,
      at: { file: first.original_file_path, start: 0, end: 0 },
      hint: 'name in the config of both sources the column, or SQL, by whose values they belong together: `sample_key: customer_id`; `sample_key: false` reads all rows of a source',
    },
  ];
}

interface Column {
  readonly id: NodeId;
  readonly column: string;
}

interface Reference {
  readonly from: Column;
  readonly to: Column;
}

/** What a `relationships` test says. */
function referenceOf(test: GraphNode): Reference | undefined {
  if (test.resource_type !== 'test' || test.test_metadata?.name !== 'relationships') return undefined;
  const { field, column_name: column } = test.test_metadata.kwargs;
  const own = ownOf(test);
  const to = test.depends_on.nodes.find((id) => id !== own) ?? own;
  if (own === undefined || to === undefined || typeof field !== 'string' || typeof column !== 'string')
    return undefined;
  return { from: { id: own, column }, to: { id: to, column: field } };
}

/** What a test is written at; dbt's manifest names it only where it is no source. */
function ownOf({ attached_node, test_metadata, depends_on }: GraphNode): NodeId | undefined {
  if (typeof attached_node === 'string') return attached_node;
  const [, source, table] =
    /source\(['"](.+?)['"],\s*['"](.+?)['"]\)/.exec(String(test_metadata?.kwargs['model'])) ?? [];
  return depends_on.nodes.find((id) => id.endsWith(`.${source}.${table}`));
}

/** Of each source the first column that a test says is unique. */
function uniqueColumns(manifest: Manifest): ReadonlyMap<NodeId, string> {
  const found = new Map<NodeId, string>();
  for (const node of Object.values(manifest.nodes)) {
    if (node.resource_type !== 'test' || node.test_metadata?.name !== 'unique' || !node.column_name) continue;
    const own = ownOf(node);
    if (own !== undefined && own in manifest.sources && !found.has(own)) found.set(own, node.column_name);
  }
  return found;
}

/** The source's column that a column is a copy of, and of no other. */
function originsIn(manifest: Manifest, { edges }: ColumnGraph): (column: Column) => SourceColumn | undefined {
  const above = new Map<string, (Column | undefined)[]>();
  for (const edge of edges) {
    if (edge.kind !== 'value') continue;
    const isCopy = edge.transformation === 'copied' || edge.transformation === 'renamed';
    const known = above.get(columnKey(edge.to)) ?? [];
    above.set(columnKey(edge.to), [...known, isCopy ? edge.from : undefined]);
  }
  const originOf = (column: Column): SourceColumn | undefined => {
    if (column.id in manifest.sources) return { source: column.id, column: column.column };
    const [from, ...others] = above.get(columnKey(column)) ?? [];
    return from && others.length === 0 ? originOf(from) : undefined;
  };
  return originOf;
}

const columnKey = ({ id, column }: Column): string => `${id}\u0000${column.toLowerCase()}`;

const sameColumn = (left: SourceColumn, right: SourceColumn): boolean =>
  left.source === right.source && left.column.toLowerCase() === right.column.toLowerCase();

/** All sources that a node is made from. */
function sourcesOf(manifest: Manifest, id: NodeId): readonly NodeId[] {
  const seen = new Set([id]);
  for (const each of seen) for (const parent of manifest.parent_map[each] ?? []) seen.add(parent);
  return [...seen].filter((each) => each in manifest.sources);
}
