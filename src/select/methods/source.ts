import { wildcard } from '../fnmatch.ts';
import { type SelectorMethod, valueText } from '../method.ts';

/** `raw`, `raw.events`, `shop.raw.events`. */
export const source: SelectorMethod = {
  summary: 'sources: raw, raw.events, shop.raw.events',
  ask: (criterion) => {
    const parts = valueText(criterion).split('.');
    if (parts.length > 3)
      return {
        code: 'select/unknown-value',
        message: `\`${valueText(criterion)}\` has too many parts for a source`,
        hint: 'write `source:raw`, `source:raw.events` or `source:package.raw.events`',
      };
    const [inPackage = '*', name = '*', table = '*'] =
      parts.length === 1 ? ['*', parts[0], '*'] : parts.length === 2 ? ['*', ...parts] : parts;
    const [packageMatches, nameMatches, tableMatches] = [wildcard(inPackage), wildcard(name), wildcard(table)];
    return (node) =>
      node.resource_type === 'source' &&
      packageMatches(node.package_name) &&
      nameMatches(node.source_name ?? '') &&
      tableMatches(node.name);
  },
  *known(graph) {
    for (const node of graph.nodes.values()) {
      if (node.resource_type !== 'source' || node.source_name === undefined) continue;
      yield node.source_name;
      yield `${node.source_name}.${node.name}`;
    }
  },
};
