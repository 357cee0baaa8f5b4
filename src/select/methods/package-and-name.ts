import { wildcard } from '../fnmatch.ts';
import { type SelectorMethod, valueText } from '../method.ts';

/** The methods that pick one resource type by `name` or `package.name`. */
export const packageAndName = (resourceType: string, summary: string): SelectorMethod => ({
  summary,
  ask: (criterion) => {
    const parts = valueText(criterion).split('.');
    if (parts.length > 2)
      return {
        code: 'select/unknown-value',
        message: `\`${valueText(criterion)}\` has too many parts`,
        hint: `write \`${criterion.method}:name\` or \`${criterion.method}:package.name\``,
      };
    const [inPackage = '*', name = '*'] = parts.length === 1 ? ['*', parts[0]] : parts;
    const [packageMatches, nameMatches] = [wildcard(inPackage), wildcard(name)];
    return (node) => node.resource_type === resourceType && packageMatches(node.package_name) && nameMatches(node.name);
  },
  *known(graph) {
    for (const node of graph.nodes.values()) if (node.resource_type === resourceType) yield node.name;
  },
});
