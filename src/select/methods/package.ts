import { wildcard } from '../fnmatch.ts';
import { type SelectorMethod, valueText } from '../method.ts';

export const packageName: SelectorMethod = {
  summary: 'by package; `this` is the project itself',
  ask: (criterion, { graph }) => {
    const value = valueText(criterion);
    const matches = wildcard(value === 'this' && graph.projectName !== '' ? graph.projectName : value);
    return (node) => matches(node.package_name);
  },
  *known(graph) {
    yield 'this';
    for (const node of graph.nodes.values()) yield node.package_name;
  },
};
