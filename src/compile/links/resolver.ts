import { didYouMean } from '../../core/nearest.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { RefRequest } from '../context/rendering.ts';
import type { AnyNode, GraphNode, SourceNode } from '../manifest.ts';

export type Found<T> =
  | { readonly kind: 'found'; readonly node: T }
  | { readonly kind: 'disabled'; readonly id: NodeId }
  | { readonly kind: 'unknown'; readonly hint: string | undefined };

type Referable = Pick<GraphNode, 'unique_id' | 'name' | 'package_name' | 'version' | 'latest_version'>;

/** Finds what a ref() or source() means, by dbt's rules about packages and versions. */
export class Resolver {
  private readonly rootPackage: string;
  private readonly byName = new Map<string, GraphNode[]>();
  private readonly sourcesByName = new Map<string, SourceNode[]>();
  private readonly disabled: ReadonlyMap<NodeId, readonly AnyNode[]>;

  constructor(
    rootPackage: string,
    nodes: Iterable<GraphNode>,
    sources: Iterable<SourceNode>,
    disabled: ReadonlyMap<NodeId, readonly AnyNode[]>,
  ) {
    this.rootPackage = rootPackage;
    this.disabled = disabled;
    for (const node of nodes)
      if (node.resource_type === 'model' || node.resource_type === 'seed' || node.resource_type === 'snapshot')
        push(this.byName, node.name, node);
    for (const node of sources) push(this.sourcesByName, sourceKey(node.source_name, node.name), node);
  }

  /** Nodes of that name in any package. */
  named(name: string): readonly GraphNode[] {
    return this.byName.get(name) ?? [];
  }

  ref(asked: RefRequest, fromPackage: string): Found<GraphNode> {
    const candidates = this.byName.get(asked.name);
    if (candidates !== undefined) {
      const only = candidates.length === 1 ? candidates[0] : undefined;
      if (only !== undefined && asked.package === null && asked.version === null && isPlain(only))
        return { kind: 'found', node: only };
      for (const place of this.searchOrder(asked.package, fromPackage)) {
        const node = candidates.find(
          (candidate) => (place === null || candidate.package_name === place) && isVersion(candidate, asked.version),
        );
        if (node !== undefined) return { kind: 'found', node };
      }
    }
    return this.disabledRef(asked) ?? { kind: 'unknown', hint: this.refHint(asked, candidates ?? []) };
  }

  source(source: string, table: string, fromPackage: string): Found<SourceNode> {
    const candidates = this.sourcesByName.get(sourceKey(source, table)) ?? [];
    for (const place of this.searchOrder(null, fromPackage)) {
      const node = candidates.find((candidate) => place === null || candidate.package_name === place);
      if (node !== undefined) return { kind: 'found', node };
    }
    for (const nodes of this.disabled.values())
      for (const node of nodes)
        if (node.resource_type === 'source' && node.source_name === source && node.name === table)
          return { kind: 'disabled', id: node.unique_id };
    return { kind: 'unknown', hint: this.sourceHint(source, table) };
  }

  private searchOrder(packageName: string | null, fromPackage: string): readonly (string | null)[] {
    if (packageName !== null) return [packageName];
    return fromPackage === this.rootPackage ? [this.rootPackage, null] : [this.rootPackage, fromPackage, null];
  }

  private disabledRef(asked: RefRequest): Found<GraphNode> | undefined {
    for (const [id, nodes] of this.disabled)
      for (const node of nodes)
        if (
          (node.resource_type === 'model' || node.resource_type === 'seed' || node.resource_type === 'snapshot') &&
          node.name === asked.name &&
          (asked.package === null || node.package_name === asked.package)
        )
          return { kind: 'disabled', id };
    return undefined;
  }

  private refHint(asked: RefRequest, candidates: readonly GraphNode[]): string | undefined {
    if (asked.version !== null && candidates.length > 0) {
      const versions = candidates.flatMap((node) => (node.version === null ? [] : [node.version]));
      return versions.length === 0
        ? `\`${asked.name}\` has no versions: write ref('${asked.name}')`
        : `its versions are ${versions.toSorted((a, b) => String(a).localeCompare(String(b), 'en', { numeric: true })).join(', ')}`;
    }
    if (asked.package !== null && candidates.length > 0)
      return `\`${asked.name}\` is in the package \`${candidates[0]?.package_name}\``;
    const sources = [...this.sourcesByName.values()].flat().filter((source) => source.name === asked.name);
    if (sources[0] !== undefined) return `it is a source: write source('${sources[0].source_name}', '${asked.name}')`;
    return didYouMean(asked.name, this.byName.keys());
  }

  private sourceHint(source: string, table: string): string | undefined {
    const all = [...this.sourcesByName.values()].flat();
    const tables = all.filter((node) => node.source_name === source).map((node) => node.name);
    if (tables.length > 0) return didYouMean(table, tables) ?? `its tables are ${tables.slice(0, 8).join(', ')}`;
    return didYouMean(source, new Set(all.map((node) => node.source_name)));
  }
}

const sourceKey = (source: string, table: string): string => `${source}\0${table}`;

const isPlain = (node: Referable): boolean => node.version === null;

function isVersion(node: Referable, version: string | number | null): boolean {
  if (version !== null) return node.version !== null && String(node.version) === String(version);
  return node.version === null || String(node.version) === String(node.latest_version);
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
