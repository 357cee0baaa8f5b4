import { wildcard } from '../fnmatch.ts';
import type { SelectableNode } from '../graph.ts';
import { type SelectorMethod, valueText } from '../method.ts';

export const group: SelectorMethod = {
  summary: 'by group: finance, team_*',
  ask: (criterion) => {
    const matches = wildcard(valueText(criterion));
    return (node) => {
      const name = configuredGroup(node);
      return name !== undefined && matches(name);
    };
  },
  *known(graph) {
    for (const node of graph.nodes.values()) {
      const name = configuredGroup(node);
      if (name !== undefined) yield name;
    }
  },
};

/** A test carries its model's group without being configured into it; `group:` finds it through the model, as in dbt. */
export function configuredGroup(node: SelectableNode): string | undefined {
  const configured = node.config.group;
  if (typeof configured === 'string' && configured !== '') return configured;
  const isInherited = node.resource_type === 'test' || node.resource_type === 'unit_test';
  return isInherited || node.group === undefined || node.group === null ? undefined : node.group;
}
