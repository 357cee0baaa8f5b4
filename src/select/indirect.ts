/** Tests that nobody named but that belong to what was selected: dbt's four modes of indirect selection. */
import type { NodeId } from '../core/node-id.ts';
import type { SelectableGraph, SelectableNode } from './graph.ts';
import { reached } from './walk.ts';

/**
 * `eager`: a test is taken when any parent is selected. `cautious`: when all are. `buildable`: when all are selected, or ancestors of
 * what is, or sources. `empty`: never.
 */
export type IndirectSelection = 'eager' | 'cautious' | 'buildable' | 'empty';
export const INDIRECT_SELECTIONS: readonly IndirectSelection[] = ['eager', 'cautious', 'buildable', 'empty'];

/** What a part of a selection picked, and the tests that touch it but wait for a parent that another part may bring. */
export interface Picked {
  readonly direct: ReadonlySet<NodeId>;
  /** Tests that touch `direct` without being in it. */
  readonly waiting: ReadonlySet<NodeId>;
}

export function withTests(graph: SelectableGraph, selected: ReadonlySet<NodeId>, mode: IndirectSelection): Picked {
  if (mode === 'empty') return { direct: selected, waiting: new Set() };
  const direct = new Set(selected);
  const waiting = new Set<NodeId>();
  const isBuildable = mode === 'buildable' ? buildable(graph, selected, true) : undefined;
  for (const id of selected)
    for (const child of graph.children.get(id) ?? []) {
      const node = graph.nodes.get(child);
      if (node === undefined || !isTest(node) || direct.has(child) || waiting.has(child)) continue;
      const taken =
        mode === 'eager' ||
        parentsOf(node).every((parent) => selected.has(parent)) ||
        (isBuildable !== undefined && parentsOf(node).every(isBuildable));
      (taken ? direct : waiting).add(child);
    }
  return { direct, waiting };
}

/** After a set operation: the waiting tests whose parents are all there now. */
export function arrivedTests(
  graph: SelectableGraph,
  direct: ReadonlySet<NodeId>,
  waiting: ReadonlySet<NodeId>,
  mode: IndirectSelection,
): readonly NodeId[] {
  if (mode === 'eager' || mode === 'empty') return [];
  // dbt counts sources as buildable when it expands a criterion, but not here.
  const isThere =
    mode === 'buildable' ? buildable(graph, direct, false) : (parent: NodeId): boolean => direct.has(parent);
  return [...waiting].filter((id) => {
    const node = graph.nodes.get(id);
    return node !== undefined && !direct.has(id) && isTest(node) && parentsOf(node).every(isThere);
  });
}

function buildable(graph: SelectableGraph, selected: ReadonlySet<NodeId>, sources: boolean): (id: NodeId) => boolean {
  const above = reached(graph.parents, selected, Number.POSITIVE_INFINITY);
  return (id) => selected.has(id) || above.has(id) || (sources && graph.nodes.get(id)?.resource_type === 'source');
}

const isTest = (node: SelectableNode): boolean => node.resource_type === 'test' || node.resource_type === 'unit_test';
const parentsOf = (node: SelectableNode): readonly NodeId[] => node.depends_on?.nodes ?? [];
