import { wildcard } from '../fnmatch.ts';
import { type SelectorMethod, valueText } from '../method.ts';

export const tag: SelectorMethod = {
  summary: 'by tag: nightly, team-*',
  ask: (criterion) => {
    const matches = wildcard(valueText(criterion));
    return (node) => node.tags.some(matches);
  },
  *known(graph) {
    for (const node of graph.nodes.values()) yield* node.tags;
  },
};
