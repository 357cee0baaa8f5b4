import { wildcard } from '../fnmatch.ts';
import type { SelectableNode } from '../graph.ts';
import { type SelectorMethod, valueText } from '../method.ts';

/** The generic test a test is made from (`not_null`), or a unit test's own name. */
export const testName: SelectorMethod = {
  summary: 'tests by what they test: not_null, unique, accepted_*',
  ask: (criterion) => {
    const matches = wildcard(valueText(criterion));
    return (node) => {
      const name = nameOf(node);
      return name !== undefined && matches(name);
    };
  },
  *known(graph) {
    for (const node of graph.nodes.values()) {
      const name = nameOf(node);
      if (name !== undefined) yield name;
    }
  },
};

function nameOf(node: SelectableNode): string | undefined {
  if (node.resource_type === 'unit_test') return node.name;
  return node.resource_type === 'test' ? node.test_metadata?.name : undefined;
}
