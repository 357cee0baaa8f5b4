/** The selection box speaks dql's own grammar: this is the parser of `--select`, over the index. */
import { graphOfNodes, type SelectableGraph, type SelectableNode, selectNodes } from '../../select/select.ts';
import type { IndexItem } from '../site-data.ts';
import type { Site } from './site.ts';

export interface Selected {
  readonly items: ReadonlySet<number>;
  /** What is wrong with the words, in a sentence each. */
  readonly problems: readonly string[];
}

const graphs = new WeakMap<Site, SelectableGraph>();

/** The items that `dql ls --select <select> --exclude <exclude>` names. */
export function selectItems(site: Site, select: string, exclude: string): Selected {
  const graph =
    graphs.get(site) ??
    graphOfNodes(
      site.index.project,
      site.index.items.flatMap((item, position) => (isSelectable(item) ? [selectable(item, position)] : [])),
    );
  graphs.set(site, graph);
  const { value, diagnostics } = selectNodes(
    graph,
    { select: wordsOf(select), exclude: wordsOf(exclude), indirectSelection: 'eager', includeEmpty: true },
    {},
  );
  return {
    items: new Set([...value.ids].map(Number)),
    problems: diagnostics.map(({ message, hint }) => (hint === undefined ? message : `${message}; ${hint}`)),
  };
}

const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

const isSelectable = (item: IndexItem): boolean => item.kind !== 'macro';

/** Positions serve as ids. */
function selectable(item: IndexItem, position: number): SelectableNode {
  const dot = item.name.indexOf('.');
  return {
    unique_id: String(position),
    resource_type: item.kind,
    name: item.kind === 'source' ? item.name.slice(dot + 1) : (item.fqn.at(-1) ?? item.name),
    package_name: item.packageName,
    fqn: item.fqn,
    tags: item.tags ?? [],
    original_file_path: item.path,
    config: {
      ...(item.kind === 'test' && { severity: 'ERROR' }),
      ...item.config,
      ...(item.materialized !== undefined && { materialized: item.materialized }),
      tags: item.tags ?? [],
    },
    depends_on: { nodes: item.parents.map(String) },
    group: item.group ?? null,
    ...(item.access !== undefined && { access: item.access }),
    ...(item.kind === 'source' && { source_name: item.name.slice(0, dot) }),
  };
}
