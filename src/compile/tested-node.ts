/**
 * The relation that a data test is about: what a generic test stands under; of a query of its own the only one it reads, or the one that `of`
 * names. Of its rows `where` speaks, and of what share of them is at fault.
 */
import type { NodeId } from '../core/node-id.ts';
import { callInText } from './data-tests/call-in-text.ts';
import { type AnyNode, type GraphNode, isExample, type Manifest, nodeOf } from './manifest.ts';

/** undefined where nothing says which of several it is, or where the test reads none. */
export const testedNode = (test: GraphNode, manifest: Manifest): NodeId | undefined =>
  test.depends_on.nodes.find((id) => {
    const read = nodeOf(manifest, id);
    return read !== undefined && isTested(test, read);
  });

/** Whether the test is about this node, which it reads. */
export function isTested(test: GraphNode, read: Pick<AnyNode, 'unique_id' | 'name' | 'resource_type'>): boolean {
  if (typeof test.attached_node === 'string') return read.unique_id === test.attached_node;
  const model = test.test_metadata?.kwargs['model'];
  const named =
    model === undefined ? test.config['of'] : /get_where_subquery\(([\s\S]*)\)\s*\}\}\s*$/.exec(String(model))?.[1];
  if (typeof named === 'string') return isNamed(read, named);
  return test.depends_on.nodes.length === 1;
}

/** Whether a test's own `where` narrows the relations it reads, as get_where_subquery does for generic tests. */
export const isNarrowed = (test: GraphNode): boolean =>
  test.resource_type === 'test' &&
  test.test_metadata === undefined &&
  !isExample(test) &&
  typeof test.config['where'] === 'string' &&
  test.config['where'].trim() !== '';

/** `orders`, `shop.orders`, `ref('orders')` or `source('shop', 'orders')`. */
function isNamed(node: Pick<AnyNode, 'name' | 'resource_type'>, named: string): boolean {
  const source = 'source_name' in node ? String(node.source_name) : undefined;
  const call = callInText(named);
  if (call?.kind === 'ref') return source === undefined && node.name === call.name;
  if (call?.kind === 'source') return source === call.source && node.name === call.table;
  return node.name === named || (source !== undefined && `${source}.${node.name}` === named);
}
